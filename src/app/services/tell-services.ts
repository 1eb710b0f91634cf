/**
 * Tells other services of the events that they know from this one's document: each in the order of its
 * key, signed, at least once, with an id by which a repeat is recognised. What is refused for good is
 * parked as a dead letter; a service that is down is waited for.
 */
import {
  cloudEventJson,
  cloudEventMediaType,
  type EventLog,
  type LoggedEvent,
} from '../../events/index.ts';
import { RetryableFault } from '../../kernel/errors.ts';
import { formatTraceparent, newTrace } from '../../kernel/tracing.ts';
import { signWebhook, webhookSignatureHeader } from '../../kernel/webhook-signature.ts';
import type { Config } from '../config.ts';
import { integratedServices } from '../integrated-services.ts';
import { services } from './topology.ts';

/** How long one delivery may take. */
const patienceMs = 10_000;
/** A service that is down is asked again after this long at most. */
const longestPauseMs = 5_000;

/** Adds one consumer group for each service that is to be told. */
export function tellServices(eventLog: EventLog, config: Config): void {
  const { ORDERLOOM_SERVICE: own, ORDERLOOM_SERVICE_URLS, ORDERLOOM_SERVICE_SECRETS } = config;
  if (own === undefined) return;
  const { integration, tells } = services[own];
  const events = integratedServices.find(({ name }) => name === integration)?.events ?? [];
  const names = events.map(({ name }) => name.slice(integration.length + 1));
  for (const told of tells) {
    const { integration: peer } = services[told];
    const url = ORDERLOOM_SERVICE_URLS?.[peer];
    const secret = ORDERLOOM_SERVICE_SECRETS?.[peer];
    if (url === undefined || secret === undefined || names.length === 0) continue;
    const to = new URL(`/webhooks/${integration}`, url).href;
    eventLog.consume({
      group: `service.${peer}`,
      names,
      retry: { longestMs: longestPauseMs },
      async deliver(list, { signal }) {
        for (const event of list) await send({ event, to, secret, signal });
      },
    });
  }
}

async function send(delivery: {
  readonly event: LoggedEvent;
  readonly to: string;
  readonly secret: string;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { event, to, secret, signal } = delivery;
  const body = cloudEventJson(event);
  const trace = newTrace();
  let answer: Response;
  try {
    answer = await fetch(to, {
      method: 'POST',
      body,
      headers: {
        'content-type': cloudEventMediaType,
        [webhookSignatureHeader]: signWebhook(secret, body, new Date()),
        traceparent: formatTraceparent({ ...trace, traceId: event.traceId ?? trace.traceId }),
      },
      signal: AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]),
    });
  } catch (error) {
    throw new RetryableFault('SERVICE_UNREACHABLE', `${to} cannot be reached`, { cause: error });
  }
  const text = (await answer.text()).slice(0, 500);
  if (answer.ok) return;
  const found = `${to} answered ${answer.status} to event ${event.id}: ${text}`;
  const mayPass = answer.status >= 500 || [401, 408, 425, 429].includes(answer.status);
  if (mayPass) throw new RetryableFault('SERVICE_UNAVAILABLE', found);
  throw new Error(found);
}
