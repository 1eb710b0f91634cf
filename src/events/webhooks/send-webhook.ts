/**
 * One attempt to deliver one event: signed like the webhooks that this program takes in, with a limit
 * on time, on what is read of the answer, and on where it may go. It never throws: whatever happens is
 * the attempt's outcome.
 */
import { Agent, request } from 'undici';
import type { Clock } from '../../kernel/clock.ts';
import { childTrace, formatTraceparent } from '../../kernel/tracing.ts';
import { signWebhook, webhookSignatureHeader } from '../../kernel/webhook-signature.ts';
import { cloudEventJson, cloudEventMediaType } from '../cloud-event.ts';
import type { LoggedEvent } from '../logged-event.ts';
import { ClosedTarget, guardedLookup, objectionToTarget } from './target-guard.ts';

/** What came of an attempt. */
export interface AttemptOutcome {
  /**
   * `rejected`: the receiver understood and refused this event, others may pass. `failed`: the receiver
   * is not well, or cannot be reached. `gone`: it asks not to be sent anything any more.
   */
  readonly result: 'delivered' | 'rejected' | 'failed' | 'gone';
  readonly status: number | null;
  readonly durationMs: number;
  readonly error: string | null;
  /** The beginning of the answer's body. */
  readonly response: string | null;
  /** From `Retry-After`, in milliseconds. */
  readonly retryAfterMs: number | null;
}

/** What is delivered where. */
export interface WebhookMessage {
  readonly url: string;
  readonly deliveryId: string;
  readonly secrets: readonly string[];
  readonly event: LoggedEvent;
}

/** Sends webhooks over kept-open connections. */
export interface WebhookSender {
  send(message: WebhookMessage, signal: AbortSignal): Promise<AttemptOutcome>;
  close(): Promise<void>;
}

/** Most of an answer that is kept, in characters. */
const longestExcerpt = 1_000;
/** A `Retry-After` beyond this is not believed, in seconds. */
const longestRetryAfterSeconds = 3_600;

/** Makes the sender. */
export function createWebhookSender(options: {
  readonly clock: Clock;
  /** Longest time of one attempt, in milliseconds. */
  readonly timeoutMs: number;
  /** Allow targets on this machine and its network, and plain http. */
  readonly allowPrivate: boolean;
  readonly version: string;
}): WebhookSender {
  const { clock, timeoutMs, allowPrivate, version } = options;
  const agent = new Agent({
    connections: 16,
    pipelining: 1,
    connect: { timeout: timeoutMs, ...(allowPrivate ? {} : { lookup: guardedLookup }) },
  });

  function headersOf(
    { deliveryId, event }: WebhookMessage,
    body: string,
    secrets: readonly string[],
  ) {
    return {
      'content-type': `${cloudEventMediaType}; charset=utf-8`,
      'user-agent': `Orderloom/${version}`,
      [webhookSignatureHeader]: signWebhook(secrets, body, clock.now()),
      'Orderloom-Delivery': deliveryId,
      'Orderloom-Event': event.name,
      ...(event.traceId === null
        ? {}
        : { traceparent: formatTraceparent(childTrace({ traceId: event.traceId, spanId: '' })) }),
    };
  }

  return {
    async send(message, signal) {
      const begunMs = performance.now();
      const took = () => Math.round(performance.now() - begunMs);
      const nothing = { status: null, response: null, retryAfterMs: null };
      const objection = objectionToTarget(message.url, allowPrivate);
      if (objection !== null) {
        return { ...nothing, result: 'failed', durationMs: took(), error: `url: ${objection}` };
      }
      const body = cloudEventJson(message.event);
      try {
        const answer = await request(message.url, {
          dispatcher: agent,
          method: 'POST',
          headers: headersOf(message, body, message.secrets),
          body,
          signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
        });
        const response = await excerptOf(answer.body);
        const status = answer.statusCode;
        const error = status < 300 ? null : `expected a status from 200 to 299, found ${status}`;
        const retryAfterMs = retryAfterOf(answer.headers['retry-after']);
        const result = resultOf(status);
        return { result, status, durationMs: took(), error, response, retryAfterMs };
      } catch (error) {
        return {
          ...nothing,
          result: 'failed',
          durationMs: took(),
          error: reasonOf(error, timeoutMs),
        };
      }
    },
    close: () => agent.destroy(),
  };
}

/** The beginning of a body. The rest is not read; one that breaks off changes nothing of the status. */
async function excerptOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  try {
    for await (const bytes of body) {
      text += decoder.decode(bytes, { stream: true });
      if (text.length >= longestExcerpt) break;
    }
  } catch {
    // The status has come, and that is the answer.
  }
  // PostgreSQL keeps no such character in JSON.
  return text.slice(0, longestExcerpt).replaceAll('\0', '');
}

/** A redirect is a refusal: it is not followed, since it could lead anywhere. */
function resultOf(status: number): AttemptOutcome['result'] {
  if (status < 300) return 'delivered';
  if (status === 410) return 'gone';
  const notNow = status === 408 || status === 425 || status === 429 || status >= 500;
  return notNow ? 'failed' : 'rejected';
}

function retryAfterOf(header: string | string[] | undefined): number | null {
  if (typeof header !== 'string' || !/^\d{1,6}$/.test(header)) return null;
  return Math.min(Number(header), longestRetryAfterSeconds) * 1_000;
}

function reasonOf(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `no answer within ${timeoutMs} ms`;
  const cause = error instanceof ClosedTarget ? error : error.cause;
  const code = 'code' in error ? `${String(error.code)}: ` : '';
  return `${code}${cause instanceof Error ? cause.message : error.message}`.slice(
    0,
    longestExcerpt,
  );
}
