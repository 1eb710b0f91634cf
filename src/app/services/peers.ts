/** The other services that a process calls: connected from what is kept of their documents. */
import { connectService } from '../../integrations/remote/connect.ts';
import { remoteModule } from '../../integrations/remote/remote-module.ts';
import type { OutsideCallObserver } from '../../integrations/transport/observer.ts';
import type { ModuleDefinition } from '../../kernel/module.ts';
import type { Log } from '../../kernel/procedure.ts';
import type { Config } from '../config.ts';
import { integratedServices } from '../integrated-services.ts';
import { ownIntegrations, services } from './topology.ts';

/** The services that are configured, as modules of this program. */
export interface Peers {
  readonly modules: readonly ModuleDefinition[];
  close(): Promise<void>;
}

/** Connects the services that have an address. Nothing is called before the first use. */
export function connectPeers(
  config: Config,
  tools: { readonly log: Log; readonly observer?: OutsideCallObserver },
): Peers {
  const { ORDERLOOM_SERVICE, ORDERLOOM_SERVICE_URLS, ORDERLOOM_SERVICE_KEYS } = config;
  const own = ORDERLOOM_SERVICE === undefined ? undefined : services[ORDERLOOM_SERVICE];
  const connected = integratedServices.flatMap((service) => {
    const url = ORDERLOOM_SERVICE_URLS?.[service.name];
    const isHere = own === undefined && ownIntegrations.has(service.name);
    if (url === undefined || isHere || service.name === own?.integration) return [];
    const apiKey = ORDERLOOM_SERVICE_KEYS?.[service.name];
    const connection = connectService(service, { ...tools, url, apiKey });
    const module = remoteModule({
      service,
      procedures: connection.procedures,
      ownNames: ownIntegrations.has(service.name),
      receivesEvents: config.ORDERLOOM_SERVICE_SECRETS?.[service.name] !== undefined,
    });
    return [{ module, connection }];
  });
  return {
    modules: connected.map(({ module }) => module),
    async close() {
      await Promise.all(connected.map(({ connection }) => connection.close()));
    },
  };
}
