/**
 * Which module runs where. In one program all of them run side by side; as four services each process
 * has its own, and knows the others from their OpenAPI documents. Processes are the same in both.
 */

/** The four services, by the name that `ORDERLOOM_SERVICE` has. */
export const serviceNames = ['order', 'payment', 'warehouse', 'delivery'] as const;
/** One of the four. */
export type ServiceName = (typeof serviceNames)[number];

/** One service: what runs in it, how the others call it, and where it listens by default. */
export interface ServicePlan {
  /** What its integration folder is called. */
  readonly integration: string;
  readonly port: number;
  readonly modules: readonly string[];
  /** True for the one that runs the processes. */
  readonly runsProcesses: boolean;
  /** Webhooks that outside systems, or the reference's curl lines, may send here for another service. */
  readonly forwards: readonly { readonly webhook: string; readonly to: ServiceName }[];
  /** Who is told of its events. */
  readonly tells: readonly ServiceName[];
  /** What it may ask of others, which is all that its keys there allow. */
  readonly asks: Readonly<Partial<Record<ServiceName, readonly string[]>>>;
}

/** The plan of the four. */
export const services: Readonly<Record<ServiceName, ServicePlan>> = {
  order: {
    integration: 'order-service',
    port: 3001,
    modules: ['users', 'catalog', 'orders', 'notifications', 'support', 'trace-events'],
    runsProcesses: true,
    forwards: [
      { webhook: 'payment', to: 'payment' },
      { webhook: 'delivery', to: 'delivery' },
    ],
    tells: [],
    asks: {
      payment: ['payments.create-session', 'payments.settle-order'],
      warehouse: ['inventory.reserve', 'inventory.release', 'inventory.consume'],
      delivery: ['delivery.create-shipment', 'delivery.cancel-shipment'],
    },
  },
  payment: {
    integration: 'payment-service',
    port: 3002,
    modules: ['payments'],
    runsProcesses: false,
    forwards: [],
    tells: ['order'],
    asks: { order: ['orders.get'] },
  },
  warehouse: {
    integration: 'warehouse',
    port: 3003,
    modules: ['inventory'],
    runsProcesses: false,
    forwards: [],
    tells: [],
    asks: {},
  },
  delivery: {
    integration: 'delivery-service',
    port: 3004,
    modules: ['delivery'],
    runsProcesses: false,
    forwards: [],
    tells: ['order'],
    asks: { order: ['orders.get'], payment: ['payments.list-for-order'] },
  },
};

/** What every service has, whatever its business. */
const everywhere = ['events', 'webhooks', 'kafka', 'engine'];

/**
 * The part of the plan that a process has: a service's, or all of it. A module that no service names
 * belongs to the one with the processes.
 */
export function partOf(service: ServiceName | undefined): {
  has(module: string): boolean;
  readonly runsProcesses: boolean;
} {
  if (service === undefined) return { has: () => true, runsProcesses: true };
  const { runsProcesses } = services[service];
  return {
    runsProcesses,
    has(module) {
      if (everywhere.includes(module)) return true;
      const owner = serviceNames.find((name) => services[name].modules.includes(module));
      return owner === undefined ? runsProcesses : owner === service;
    },
  };
}

/** The integrations of our own services: their names are those that the modules have here. */
export const ownIntegrations: ReadonlySet<string> = new Set(
  serviceNames.map((name) => services[name].integration),
);

/**
 * `payment-service.payments.create-session` as `payments.create-session`: what a process may write, and
 * what the procedure is called wherever it runs. Undefined for other names.
 */
export function withoutServiceName(name: string): string | undefined {
  const at = name.indexOf('.');
  return at > 0 && ownIntegrations.has(name.slice(0, at)) ? name.slice(at + 1) : undefined;
}
