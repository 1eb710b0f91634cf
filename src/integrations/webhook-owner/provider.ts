/**
 * The port of webhook forwarding, over HTTP: sends a delivery to the service that owns the webhook,
 * signed anew with the secret of the webhook's own sender, as if that had sent it there.
 */
import { z } from 'zod';
import { TerminalFault } from '../../kernel/errors.ts';
import type { Log } from '../../kernel/procedure.ts';
import { signWebhook, webhookSignatureHeader } from '../../kernel/webhook-signature.ts';
import type { WebhookOwner } from '../../modules/webhook-forwarding/provider.ts';
import { httpTransport } from '../transport/http-transport.ts';
import type { OutsideCallObserver } from '../transport/observer.ts';
import { httpSettings } from '../transport/settings.ts';

/** The port, and the closing of its connections. */
export interface ConnectedWebhookOwner extends WebhookOwner {
  close(): Promise<void>;
}

const taken = z.object({ duplicate: z.boolean() });
const problem = z.object({ code: z.string(), detail: z.string().default('') });
const attemptTimeoutMs = 10_000;

/** Makes the port to one service. */
export function webhookOwner(options: {
  readonly url: string;
  /** The secret that each webhook is signed with. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly log: Log;
  readonly observer?: OutsideCallObserver | undefined;
}): ConnectedWebhookOwner {
  const { url, secrets, log, observer } = options;
  const transport = httpTransport({
    settings: httpSettings
      .omit({ apiKey: true })
      .parse({ baseUrl: url, timeoutMs: attemptTimeoutMs, retry: { attempts: 1 } }),
    system: 'webhook-owner',
    codePrefix: 'WEBHOOK_OWNER',
    log,
    observer,
    isRefusal: async () => true,
  });
  return {
    close: () => transport.close(),
    async forward({ webhook, body }, { traceparent, signal }) {
      const answer = await transport.fetch(
        new Request(new URL(`/webhooks/${webhook}`, url), {
          method: 'POST',
          body,
          signal,
          headers: {
            'content-type': 'application/json',
            [webhookSignatureHeader]: signWebhook(secrets[webhook] ?? '', body, new Date()),
            traceparent,
          },
        }),
        { repeatable: true },
      );
      const text = await answer.text();
      if (answer.ok) return { status: 'taken', duplicate: taken.parse(JSON.parse(text)).duplicate };
      const said = problem.safeParse(parsed(text)).data;
      if (said) return { status: 'refused', ...said };
      throw new TerminalFault(
        'WEBHOOK_OWNER_CONTRACT_BROKEN',
        `expected a problem from ${url}, found ${answer.status} with another body`,
      );
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
