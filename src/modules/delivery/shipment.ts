/** What a shipment is, and how it is shown. */
import { z } from 'zod';
import { type Caller, hasRole } from '../../kernel/caller.ts';
import { idSchema } from '../../kernel/ids.ts';
import { type Action, actionSchema } from '../../kernel/page.ts';
import { textSchema } from '../../kernel/text.ts';
import type { CourierAddress, CourierParcelItem } from './provider.ts';
import { type ShipmentStatus, shipmentStatuses } from './shipment-states.ts';

/** A shipment as the module works with it. */
export interface Shipment {
  readonly id: string;
  readonly orderId: string;
  readonly userId: string;
  readonly status: ShipmentStatus;
  /** What the courier said last, for people. */
  readonly detail: string | null;
  readonly provider: string;
  readonly address: CourierAddress | null;
  readonly items: readonly CourierParcelItem[];
  /** Null until the courier has confirmed it. */
  readonly courierShipmentId: string | null;
  readonly trackingNumber: string | null;
  readonly trackingUrl: string | null;
  readonly estimatedDeliveryAt: Date | null;
  readonly deliveredAt: Date | null;
  /** Set when we asked to cancel: the courier's cancellation is then no news. */
  readonly cancelRequestedAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

const optionalLine = (maxLength: number) => textSchema(maxLength).nullish();

/** Where a parcel goes: the address of an order, as it is. */
export const shipmentAddressSchema = z.object({
  name: optionalLine(200),
  line1: textSchema(200),
  line2: optionalLine(200),
  city: textSchema(100),
  postalCode: textSchema(20),
  state: optionalLine(100),
  country: z.string().regex(/^[A-Z]{2}$/, 'expected an ISO 3166-1 alpha-2 country code such as US'),
  phone: optionalLine(40),
});

/** The address in the words of the courier's port. */
export function courierAddress(address: z.output<typeof shipmentAddressSchema>): CourierAddress {
  return {
    ...address,
    name: address.name ?? null,
    line2: address.line2 ?? null,
    state: address.state ?? null,
    phone: address.phone ?? null,
  };
}

const moment = z.iso.datetime();

/** A shipment as its readers see it. */
export const shipmentSchema = z.object({
  shipmentId: idSchema,
  orderId: idSchema,
  userId: idSchema,
  status: z.enum(shipmentStatuses),
  detail: z.string().nullable(),
  trackingNumber: z.string().nullable(),
  trackingUrl: z.string().nullable(),
  estimatedDeliveryAt: moment.nullable(),
  deliveredAt: moment.nullable(),
  createdAt: moment,
  updatedAt: moment,
});

/** A shipment in a list, with what its reader may do with it. */
export const shipmentRowSchema = shipmentSchema.extend({ can: z.array(actionSchema) });

/** The shipment as the API shows it. */
export function shipmentView(shipment: Shipment): z.input<typeof shipmentSchema> {
  return {
    shipmentId: shipment.id,
    orderId: shipment.orderId,
    userId: shipment.userId,
    status: shipment.status,
    detail: shipment.detail,
    trackingNumber: shipment.trackingNumber,
    trackingUrl: shipment.trackingUrl,
    estimatedDeliveryAt: shipment.estimatedDeliveryAt?.toISOString() ?? null,
    deliveredAt: shipment.deliveredAt?.toISOString() ?? null,
    createdAt: shipment.createdAt.toISOString(),
    updatedAt: shipment.updatedAt.toISOString(),
  };
}

/** What a reader may do with a shipment, and why not. */
export function shipmentActions(shipment: Shipment, caller: Caller): Action[] {
  const action = 'delivery.cancel-shipment';
  const refuse = (reason: string): Action[] => [{ action, allowed: false, reason }];
  if (!hasRole(caller, 'admin', 'manager', 'operator', 'service'))
    return refuse('Only staff cancel shipments; cancel the order instead.');
  if (shipment.status === 'requested' || shipment.status === 'created')
    return [{ action, allowed: true }];
  return refuse(`A shipment that is ${shipment.status} can no longer be cancelled.`);
}
