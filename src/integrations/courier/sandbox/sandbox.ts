/**
 * The courier's sandbox: shipments behind the courier's own OpenAPI document, moved by `POST
 * /sandbox/shipments/{id}/advance`, or by themselves when told to, with signed tracking webhooks.
 *
 * A shipment is `booked` until it is picked up; `in_transit` and `out_for_delivery` while it is
 * carried; `delivered`, `failed` and `cancelled` are final. Only a booked one can be cancelled.
 */
import { newId } from '../../../kernel/ids.ts';
import { loadContract } from '../../openapi/document.ts';
import type { CallbackRecord } from '../../sandbox/callbacks.ts';
import type { Handlers } from '../../sandbox/contract-server.ts';
import { idempotencyKeys, keyReused } from '../../sandbox/idempotency-keys.ts';
import {
  type RunningSandbox,
  type SandboxOptions,
  type SandboxTools,
  startSandbox,
} from '../../sandbox/sandbox.ts';
import { courierContract } from '../client.ts';
import type { components, operations } from '../generated/openapi.ts';
import type { operations as controlOperations } from './generated/openapi.ts';

type Schemas = components['schemas'];
type Shipment = Schemas['Shipment'];
type MovedStatus = Schemas['TrackingUpdate']['status'];
/** The tracking page's address follows the sandbox's own, which may change when it starts again. */
type KeptShipment = Omit<Shipment, 'trackingUrl'>;

/** What happened in the sandbox so far, for demonstrations and tests. */
export interface CourierInspection {
  readonly shipments: readonly Shipment[];
  readonly callbacks: readonly CallbackRecord[];
}

/** What the courier's sandbox can be started with. */
export interface CourierSandboxOptions extends SandboxOptions {
  /** Moves every shipment one status further after this long. Absent, only people move them. */
  readonly autoAdvanceMs?: number;
}

/** A running courier's sandbox. */
export interface CourierSandbox extends RunningSandbox {
  inspect(): CourierInspection;
}

const deliveryDays = 3;
const dayMs = 24 * 60 * 60 * 1000;
/** Countries that the sandbox's courier does not go to, so that a refusal can be provoked. */
const countriesNotServed = new Set(['AQ', 'KP']);
const ended = new Set<Shipment['status']>(['delivered', 'failed', 'cancelled']);
const nextStatus: Partial<Record<Shipment['status'], MovedStatus>> = {
  booked: 'in_transit',
  in_transit: 'out_for_delivery',
  out_for_delivery: 'delivered',
};

/** Starts the sandbox; resolves when it takes calls. */
export async function startCourierSandbox(options: CourierSandboxOptions): Promise<CourierSandbox> {
  const depot: { current?: Depot } = {};
  const { url, stop, sendCallbacksTo, tools } = await startSandbox({
    ...options,
    name: 'courier',
    system: courierContract(),
    control: loadContract(new URL('openapi.yaml', import.meta.url)),
    handlers(given) {
      const opened = openDepot(given, options.autoAdvanceMs);
      depot.current = opened;
      return { ...systemHandlers(given, opened), ...controlHandlers(opened) };
    },
  });
  return {
    url,
    sendCallbacksTo,
    async stop() {
      depot.current?.close();
      await stop();
    },
    inspect: () => ({
      shipments: depot.current?.shipments() ?? [],
      callbacks: tools.callbacks.list(),
    }),
  };
}

type Depot = ReturnType<typeof openDepot>;

/** The state of the sandbox. */
function openDepot(tools: SandboxTools, autoAdvanceMs: number | undefined) {
  const { journal, clock, callbacks } = tools;
  const kept = journal.collection<KeptShipment>('shipments');
  const timers = new Map<string, () => void>();
  const shown = (shipment: KeptShipment): Shipment => ({
    ...shipment,
    trackingUrl: `${tools.url()}/shipments/${shipment.id}`,
  });

  /** Moves a shipment that has not ended, and tells of it. */
  function move(shipment: KeptShipment, status: MovedStatus, detail?: string): Shipment {
    const at = clock.now().toISOString();
    const { id, reference, orderId, trackingNumber } = shipment;
    const update: Schemas['TrackingUpdate'] = {
      ...{ eventId: newId(), shipmentId: id, reference, trackingNumber, orderId, status, at },
      ...(detail === undefined ? {} : { detail }),
    };
    const callback = callbacks.prepare(orderId, { ...update });
    const moved = { ...shipment, status, updatedAt: at };
    journal.commit(kept.put(id, moved), callback.change);
    callback.send();
    keepMoving(moved);
    return shown(moved);
  }

  /** Arms the next move of a shipment, when shipments move by themselves. */
  function keepMoving(shipment: KeptShipment): void {
    timers.get(shipment.id)?.();
    timers.delete(shipment.id);
    const next = nextStatus[shipment.status];
    if (autoAdvanceMs === undefined || next === undefined) return;
    const cancel = clock.schedule(new Date(clock.now().getTime() + autoAdvanceMs), () => {
      const current = kept.get(shipment.id);
      if (current?.status === shipment.status) move(current, next);
    });
    timers.set(shipment.id, cancel);
  }

  for (const shipment of kept.values()) keepMoving(shipment);

  return {
    keys: idempotencyKeys(journal),
    move,
    keepMoving,
    put: (shipment: KeptShipment) => kept.put(shipment.id, shipment),
    get: (id: string) => kept.get(id),
    shown,
    shipments: () => kept.values().map(shown),
    close() {
      for (const cancel of timers.values()) cancel();
    },
  };
}

function systemHandlers(
  { journal, clock }: SandboxTools,
  depot: Depot,
): Handlers<Omit<operations, 'trackingUpdate'>> {
  const { keys } = depot;
  return {
    createShipment({ idempotencyKey, body }) {
      const used = keys.check(idempotencyKey, body);
      if (used.use === 'other-request') return keyReused;
      const made = used.use === 'repeated' ? depot.get(used.id) : undefined;
      if (made) return { status: 201, body: depot.shown(made) };
      if (countriesNotServed.has(body.address.country)) {
        const message = `expected an address that the courier serves, found country ${body.address.country}`;
        return { status: 422, body: { code: 'ADDRESS_NOT_SERVED', message } };
      }
      const shipment = booked(body, clock.now());
      journal.commit(
        depot.put(shipment),
        keys.remember(idempotencyKey, body, { kind: 'shipment', id: shipment.id }),
      );
      depot.keepMoving(shipment);
      return { status: 201, body: depot.shown(shipment) };
    },

    listShipments({ query }) {
      const byKey = query.idempotencyKey === undefined ? null : keys.find(query.idempotencyKey);
      const items = depot
        .shipments()
        .filter((shipment) => byKey === null || shipment.id === byKey?.id)
        .filter((shipment) => query.orderId === undefined || shipment.orderId === query.orderId);
      return { status: 200, body: { items } };
    },

    getShipment({ path }) {
      const shipment = depot.get(path.shipmentId);
      return shipment ? { status: 200, body: depot.shown(shipment) } : notFound(path.shipmentId);
    },

    cancelShipment({ path }) {
      const shipment = depot.get(path.shipmentId);
      if (!shipment) return notFound(path.shipmentId);
      if (shipment.status === 'cancelled') return { status: 200, body: depot.shown(shipment) };
      if (shipment.status !== 'booked') {
        const message = `expected a shipment that is not picked up yet, found one that is ${shipment.status}`;
        return { status: 409, body: { code: 'ALREADY_PICKED_UP', message } };
      }
      const updatedAt = clock.now().toISOString();
      const cancelled: KeptShipment = { ...shipment, status: 'cancelled', updatedAt };
      journal.commit(depot.put(cancelled));
      depot.keepMoving(cancelled);
      return { status: 200, body: depot.shown(cancelled) };
    },
  };
}

function controlHandlers(depot: Depot): Handlers<controlOperations> {
  return {
    inspectShipments: () => ({ status: 200, body: { shipments: depot.shipments() } }),
    advanceShipment({ path, body }) {
      const shipment = depot.get(path.shipmentId);
      if (!shipment) return notFound(path.shipmentId);
      if (ended.has(shipment.status)) {
        const message = `expected a shipment on its way, found one that is ${shipment.status}`;
        return { status: 409, body: { code: 'SHIPMENT_ENDED', message } };
      }
      return { status: 200, body: depot.move(shipment, body.status, body.detail) };
    },
  };
}

function booked(request: Schemas['NewShipment'], now: Date): KeptShipment {
  const id = newId();
  return {
    id: `shp_${id}`,
    reference: request.reference,
    orderId: request.orderId,
    status: 'booked',
    trackingNumber: `OL${id.replaceAll('-', '').slice(-14).toUpperCase()}`,
    estimatedDeliveryAt: new Date(now.getTime() + deliveryDays * dayMs).toISOString(),
    createdAt: now.toISOString(),
    updatedAt: now.toISOString(),
  };
}

function notFound(id: string) {
  const message = `expected a shipment that exists, found none with id ${id}`;
  return { status: 404, body: { code: 'NOT_FOUND', message } } as const;
}
