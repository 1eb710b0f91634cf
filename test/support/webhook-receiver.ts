/** A receiver of outgoing webhooks: a real HTTP server that checks signatures and fails when told to. */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import {
  checkWebhookSignature,
  type WebhookSignatureCheck,
  webhookSignatureHeader,
} from '../../src/kernel/webhook-signature.ts';

/** A delivery as it arrived. */
export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly raw: string;
  readonly body: {
    readonly id: string;
    readonly type: string;
    readonly subject: string;
    readonly data: { readonly n: number };
  };
  /** What was answered; null while it hangs. */
  readonly answered: number | null;
}

/** How the receiver answers: a status, with a body if need be, or never. */
export type Behaviour = (
  received: Omit<Received, 'answered'>,
) => number | { readonly status: number; readonly headers: Record<string, string> } | 'hang';

/** Starts a receiver; it is closed when the test is over. */
export async function startReceiver(behaviour: Behaviour = () => 200) {
  const received: Received[] = [];
  const state = { behaviour };
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const raw = Buffer.concat(parts).toString();
    const body = JSON.parse(raw) as Received['body'];
    const answer = state.behaviour({ headers: request.headers, raw, body });
    const answered = answer === 'hang' ? null : typeof answer === 'number' ? answer : answer.status;
    received.push({ headers: request.headers, raw, body, answered });
    if (answer === 'hang') return;
    response.writeHead(answered!, typeof answer === 'number' ? {} : answer.headers);
    response.end(`answered ${answered}`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  onTestFinished(close);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    /** The numbers of the things that were taken with success, in order. */
    taken: () =>
      received
        .filter(({ answered }) => answered !== null && answered < 300)
        .map(({ body }) => body.data.n),
    behave(next: Behaviour) {
      state.behaviour = next;
    },
    /** Cuts off whoever still waits for an answer. */
    hangUp: () => server.closeAllConnections(),
    close,
  };
}

/** What a receiver that knows this secret finds of a delivery. */
export function checkDelivery(secret: string, { headers, raw }: Received): WebhookSignatureCheck {
  return checkWebhookSignature({
    secrets: [secret],
    header: headers[webhookSignatureHeader.toLowerCase()] as string,
    rawBody: raw,
    now: new Date(),
  });
}
