/** Outgoing webhooks of the program: wired to its log, its settings and its secrets. */
import {
  deliverWebhooks,
  type EventLog,
  type Outbox,
  type WebhookDelivery,
  type WebhookParts,
} from '../events/index.ts';
import type { Clock } from '../kernel/clock.ts';
import type { ModuleDefinition } from '../kernel/module.ts';
import type { Database } from '../postgres/index.ts';
import type { Logger } from '../telemetry/index.ts';
import type { Config } from './config.ts';
import { programInfo } from './program-info.ts';

/** Outgoing webhooks before and after they are begun. */
export interface Webhooks {
  /** For the manifests. */
  readonly parts: Pick<WebhookParts, 'changed' | 'allowPrivate' | 'eventNames'>;
  /** Begins to deliver on this node. */
  start(options: {
    readonly database: Database;
    readonly outbox: Outbox;
    readonly clock: Clock;
    readonly log: Logger;
    readonly encryptionKey: Uint8Array;
  }): WebhookDelivery;
}

/** Prepares outgoing webhooks; nothing is sent before `start`. */
export function prepareWebhooks(
  config: Config,
  eventLog: EventLog,
  modules: () => readonly ModuleDefinition[],
): Webhooks {
  const allowPrivate = (config.WEBHOOK_PRIVATE_TARGETS ?? (config.demo ? 'on' : 'off')) === 'on';
  let delivery: WebhookDelivery | undefined;
  return {
    parts: {
      allowPrivate,
      eventNames: () => new Set(modules().flatMap(({ events }) => events.map(({ name }) => name))),
      changed() {
        delivery?.wake();
        eventLog.groupsChanged();
      },
    },
    start({ log, ...parts }) {
      delivery = deliverWebhooks({
        ...parts,
        log: eventLog,
        logger: log,
        allowPrivate,
        version: programInfo.version,
        concurrency: config.WEBHOOK_CONCURRENCY,
        timeoutMs: config.WEBHOOK_TIMEOUT_MS,
        disableAfterMs: config.WEBHOOK_DISABLE_AFTER_HOURS * 3_600_000,
      });
      return delivery;
    },
  };
}
