/**
 * Takes one webhook in: checks the signature over the raw bytes, keeps the delivery, and has its
 * procedure act upon it in the same transaction. A delivery that was acted upon is answered as a
 * duplicate; one that was refused or failed is kept with the reason and may come again.
 */
import { createHash } from 'node:crypto';
import type { Caller } from '../../kernel/caller.ts';
import type { Clock } from '../../kernel/clock.ts';
import { isRefusal, type Refusal, refuse } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import type { Log } from '../../kernel/procedure.ts';
import { isSecretName } from '../../kernel/secrets.ts';
import type { TraceContext } from '../../kernel/trace.ts';
import type { TransactionRunner } from '../../kernel/transaction.ts';
import type { WebhookDefinition } from '../../kernel/webhook.ts';
import {
  checkWebhookSignature,
  type WebhookSignatureCheck,
  webhookSignatureHeader,
  webhookToleranceSeconds,
} from '../../kernel/webhook-signature.ts';
import type { Runner } from '../../procedures/index.ts';
import { type Answer, refusalAnswer } from '../answer.ts';
import {
  malformedJson,
  webhookSignatureExpired,
  webhookSignatureInvalid,
  webhookSignatureMissing,
} from '../errors.ts';
import { refusalProblem, thrownProblem } from '../problem.ts';
import { headerOf } from '../request.ts';
import { acceptDelivery, type Delivery, rejectDelivery } from './receipts.ts';

/** One request to a webhook's path. */
export interface IncomingWebhook {
  readonly rawBody: Buffer;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly trace: TraceContext;
  /** True where demo mode takes webhooks that carry no signature. */
  readonly unsignedAllowed: boolean;
}

/**
 * Answers 2xx only once the delivery was acted upon and that is committed, so that a sender who repeats
 * until then loses nothing. Rejects with the fault that kept the delivery from being acted upon.
 */
export type ReceiveWebhook = (
  definition: WebhookDefinition,
  webhook: IncomingWebhook,
) => Promise<Answer>;

/** A verified sender acts as a service, never as a user. */
const webhookCaller: Caller = Object.freeze<Caller>({
  kind: 'service',
  userId: null,
  roles: ['service'],
  demo: false,
});

/** Makes the one function that all webhooks come in through. */
export function createReceiveWebhook(parts: {
  readonly runner: Runner;
  readonly database: TransactionRunner;
  readonly clock: Clock;
  readonly log: Log;
  readonly secrets: Readonly<Record<string, readonly string[]>>;
}): ReceiveWebhook {
  const { runner, database, clock, log, secrets } = parts;

  return async (definition, webhook) => {
    const { rawBody, trace } = webhook;
    const signature = checkWebhookSignature({
      secrets: secrets[definition.name] ?? [],
      header: headerOf(webhook.headers[webhookSignatureHeader.toLowerCase()]),
      rawBody,
      now: clock.now(),
    });
    const unsigned = signature === 'missing' && webhook.unsignedAllowed;
    if (signature !== 'valid' && !unsigned) {
      return refusalAnswer(signatureRefusal(signature), trace.traceId);
    }
    const parsed = parseBody(rawBody);
    if (isRefusal(parsed)) return refusalAnswer(parsed, trace.traceId);
    const delivery: Delivery = {
      id: newId(),
      source: definition.name,
      deliveryId: deliveryIdOf(definition, parsed.body, rawBody),
      headers: harmlessHeaders(webhook.headers),
      body: rawBody,
      signed: !unsigned,
      traceId: trace.traceId,
      receivedAt: clock.now(),
    };
    return actUpon(definition, delivery, parsed.body, trace);
  };

  async function actUpon(
    { procedure }: WebhookDefinition,
    delivery: Delivery,
    body: unknown,
    trace: TraceContext,
  ): Promise<Answer> {
    let result: unknown;
    try {
      result = await runner.transaction(procedure, async (tx) => {
        const receiptId = await acceptDelivery(tx, delivery);
        if (receiptId === null) return { received: true, duplicate: true };
        const output = await runner.run(procedure, body, { caller: webhookCaller, trace, tx });
        return isRefusal(output)
          ? output
          : { received: true, duplicate: false, receiptId, result: output };
      });
    } catch (error) {
      await keepFailed(delivery, error);
      throw error;
    }
    if (!isRefusal(result)) return { status: 200, body: JSON.stringify(result) };
    const problem = refusalProblem(result, trace.traceId);
    await database.transaction((tx) => rejectDelivery(tx, delivery, 'refused', problem));
    return refusalAnswer(result, trace.traceId);
  }

  /** The sender must hear of the first failure, also when the database that failed fails again. */
  async function keepFailed(delivery: Delivery, error: unknown): Promise<void> {
    const { problem } = thrownProblem(error, delivery.traceId);
    try {
      await database.transaction((tx) => rejectDelivery(tx, delivery, 'failed', problem));
    } catch (second) {
      const { source, deliveryId, traceId } = delivery;
      log.error({ error: second, source, deliveryId, traceId }, 'a webhook could not be kept');
    }
  }
}

function parseBody(rawBody: Buffer): { readonly body: unknown } | Refusal {
  try {
    return { body: JSON.parse(rawBody.toString('utf8')) };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return refuse(malformedJson, `expected a JSON body, found text that is none: ${why}`);
  }
}

/** The sender's id; for a body without one, or with a broken one, the digest of its bytes. */
function deliveryIdOf(definition: WebhookDefinition, body: unknown, rawBody: Buffer): string {
  let named: string | null = null;
  try {
    named = definition.deliveryId(body);
  } catch {
    // The body is not what was expected; its procedure's schema will say so.
  }
  if (typeof named === 'string' && named.length > 0 && named.length <= 200) return named;
  return `sha256:${createHash('sha256').update(rawBody).digest('hex')}`;
}

function harmlessHeaders(headers: IncomingWebhook['headers']): Record<string, unknown> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !isSecretName(name)));
}

function signatureRefusal(check: Exclude<WebhookSignatureCheck, 'valid'>): Refusal {
  const form = `${webhookSignatureHeader}: t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.body">`;
  switch (check) {
    case 'missing':
      return refuse(webhookSignatureMissing, `expected the header ${form}, found none`);
    case 'malformed':
      return refuse(webhookSignatureInvalid, `expected the header ${form}, found another form`);
    case 'mismatch':
      return refuse(
        webhookSignatureInvalid,
        'expected a signature of exactly these bytes with a secret known here, found another; ' +
          'check the secret, and that nothing on the way changes the body',
      );
    case 'expired':
      return refuse(
        webhookSignatureExpired,
        `expected a signature made within ${webhookToleranceSeconds} seconds of now, found an ` +
          'older or newer one; sign each attempt anew and check the clock',
      );
  }
}
