// The other services that this program knows, each in its folder. Written by `orderloom integrate`.
import type { RemoteService } from '../integrations/remote/service.ts';

/** Every service that was integrated; those without an address in the configuration are not called. */
export const integratedServices: readonly RemoteService[] = [];
