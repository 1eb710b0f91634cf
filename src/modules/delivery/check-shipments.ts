/**
 * Asks the courier where parcels are that nothing was heard of for a while. A callback may never come;
 * without asking, an order that was delivered long ago would stand still. What the courier answers is
 * taken in exactly as if it had said so itself.
 */
import { isRefusal } from '../../kernel/errors.ts';
import type { ExternalContext } from '../../kernel/procedure.ts';
import { callOf } from './courier-call.ts';
import type { DeliveryOptions } from './ports.ts';
import { receiveWebhook } from './receive-webhook.ts';
import type { Shipment } from './shipment.ts';
import { claimUnheardShipments } from './store.ts';

/** How long nothing may be heard of a parcel before the courier is asked, unless told otherwise. */
const usualCheckAfterMs = 6 * 60 * 60_000;
/** Older parcels are left to people: their processes have given up waiting, too. */
const oldestMs = 30 * 24 * 60 * 60_000;

/** What was done. */
export interface CheckedShipments {
  readonly asked: number;
  /** Shipments that the answer moved on. */
  readonly moved: number;
  /** True when there may be further parcels to ask about at once. */
  readonly more: boolean;
}

/**
 * Asks about at most so many parcels, those that were silent for longest first. Each is asked about
 * by one caller at a time, and not again before the same time has passed. A courier that cannot be
 * reached ends the call with its fault; what was learnt until then is kept.
 */
export async function checkShipments(
  context: ExternalContext,
  options: DeliveryOptions,
  { limit }: { readonly limit: number },
): Promise<CheckedShipments> {
  const now = context.clock.now();
  const ago = (ms: number) => new Date(now.getTime() - ms);
  const shipments = await context.transaction((inner) =>
    claimUnheardShipments(inner.tx, {
      provider: options.courier.name,
      now,
      silentSince: ago(options.checkAfterMs ?? usualCheckAfterMs),
      bookedSince: ago(oldestMs),
      limit,
    }),
  );
  let moved = 0;
  for (const shipment of shipments) if (await check(context, options, shipment)) moved += 1;
  return { asked: shipments.length, moved, more: shipments.length === limit };
}

async function check(
  context: ExternalContext,
  options: DeliveryOptions,
  { id, courierShipmentId }: Shipment,
): Promise<boolean> {
  const call = callOf(context, `check-${id}`);
  const found = await options.courier.lookUpShipment(
    { courierShipmentId: courierShipmentId! },
    call,
  );
  if (!found) return false;
  return await context.transaction(async (inner) => {
    const { status, detail } = found;
    const news = { reference: id, status, ...(detail === null ? {} : { detail }) };
    const received = await receiveWebhook(inner, options, news);
    if (!isRefusal(received)) return received.applied;
    context.log.warn(
      { shipmentId: id, code: received.code, detail: received.detail },
      'what the courier says does not fit',
    );
    return false;
  });
}
