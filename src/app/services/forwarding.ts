/** Webhooks that this process takes in for other services: their module, their process, their way out. */

import type { Workflow } from '../../engine/index.ts';
import type { OutsideCallObserver } from '../../integrations/transport/observer.ts';
import {
  type ConnectedWebhookOwner,
  webhookOwner,
} from '../../integrations/webhook-owner/provider.ts';
import type { ModuleDefinition } from '../../kernel/module.ts';
import type { Log } from '../../kernel/procedure.ts';
import { webhookForwardingModule } from '../../modules/webhook-forwarding/index.ts';
import { forwardWebhook } from '../../processes/index.ts';
import type { Config } from '../config.ts';
import type { Secrets } from '../secrets.ts';
import { type ServiceName, services } from './topology.ts';

/** What forwarding adds to a program; empty where nothing is forwarded. */
export interface Forwarding {
  readonly modules: readonly ModuleDefinition[];
  readonly workflows: readonly Workflow[];
  close(): Promise<void>;
}

/** Connects the owners of the webhooks. Nothing is sent before the first delivery. */
export function connectForwarding(
  config: Config,
  secrets: Secrets,
  tools: { readonly log: Log; readonly observer?: OutsideCallObserver },
): Forwarding {
  const { ORDERLOOM_SERVICE: own, ORDERLOOM_SERVICE_URLS = {} } = config;
  const forwards = own === undefined ? [] : services[own].forwards;
  if (forwards.length === 0) return { modules: [], workflows: [], close: async () => undefined };
  const signing = Object.fromEntries(
    Object.entries(secrets.webhooks).map(([name, [newest = '']]) => [name, newest]),
  );
  const owners = new Map<ServiceName, ConnectedWebhookOwner>();
  for (const { to } of forwards) {
    const url = ORDERLOOM_SERVICE_URLS[services[to].integration] ?? '';
    owners.set(to, webhookOwner({ ...tools, url, secrets: signing }));
  }
  const ownerOf = new Map(forwards.map(({ webhook, to }) => [webhook, owners.get(to)]));
  return {
    modules: [
      webhookForwardingModule({
        webhooks: forwards.map(({ webhook }) => webhook),
        owner: {
          async forward(delivery, call) {
            const owner = ownerOf.get(delivery.webhook);
            if (owner) return await owner.forward(delivery, call);
            const detail = `no service owns the webhook "${delivery.webhook}" any more`;
            return { status: 'refused', code: 'WEBHOOK_UNKNOWN', detail };
          },
        },
      }),
    ],
    workflows: [forwardWebhook],
    async close() {
      await Promise.all([...owners.values()].map((owner) => owner.close()));
    },
  };
}
