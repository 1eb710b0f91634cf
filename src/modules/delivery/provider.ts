/**
 * The port to a courier. Shipments are carried by whoever implements it; nothing in this module
 * knows a vendor.
 *
 * What every implementation guarantees:
 *
 * - A business answer (address refused, already picked up) is *returned*. The world failing is
 *   *thrown*: a `RetryableFault` whose `outcomeUnknown` is true when the courier may have done the
 *   work although no answer came; a `TerminalFault` when another attempt cannot help.
 * - The idempotency key goes to the courier unchanged; the same key acts once and answers the same.
 */

/** What every call carries besides its request. */
export interface CourierCall {
  /** Sent to the courier; the same on every attempt of one piece of work. */
  readonly idempotencyKey: string;
  /** Aborts the call; the outcome is then unknown. */
  readonly signal: AbortSignal;
  /** W3C trace context to hand on. */
  readonly traceparent?: string;
}

/** Where a parcel goes. */
export interface CourierAddress {
  readonly name: string | null;
  readonly line1: string;
  readonly line2: string | null;
  readonly city: string;
  readonly postalCode: string;
  readonly state: string | null;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  readonly phone: string | null;
}

/** A thing in a parcel. */
export interface CourierParcelItem {
  readonly productId: string;
  readonly productName: string;
  readonly quantity: number;
}

/** What is carried, and where. */
export interface CourierShipmentRequest {
  /** Our shipment; comes back in the courier's webhooks as its reference. */
  readonly shipmentId: string;
  readonly orderId: string;
  readonly address: CourierAddress;
  readonly items: readonly CourierParcelItem[];
}

/** A shipment that the courier has confirmed. */
export interface CourierShipment {
  /** The courier's own id. */
  readonly courierShipmentId: string;
  readonly trackingNumber: string;
  readonly trackingUrl: string | null;
  readonly estimatedDeliveryAt: Date;
}

/** A certain answer to a booking; an uncertain one is a fault. */
export type CourierBooking =
  | { readonly status: 'booked'; readonly shipment: CourierShipment }
  /** The courier does not take it, e.g. an address that it does not serve. */
  | { readonly status: 'refused'; readonly reason: string };

/** A certain answer to a cancellation. */
export type CourierCancellation =
  | { readonly status: 'cancelled' }
  /** Too late: the courier has the parcel. */
  | { readonly status: 'picked-up' }
  /** The courier does not know the shipment, so nothing will be carried. */
  | { readonly status: 'unknown' };

/** Where a parcel is, as the courier says. */
export interface CourierNews {
  readonly status:
    | 'created'
    | 'in_transit'
    | 'out_for_delivery'
    | 'delivered'
    | 'failed'
    | 'cancelled';
  /** In the courier's words; null when it says nothing. */
  readonly detail: string | null;
}

/** A courier. */
export interface CourierProvider {
  /** Short lower-case name, e.g. `sandbox`; kept with each shipment. */
  readonly name: string;
  /** Books the carriage of one parcel. */
  createShipment(request: CourierShipmentRequest, call: CourierCall): Promise<CourierBooking>;
  /** Cancels before pick-up. Cancelling twice is `cancelled` again. */
  cancelShipment(
    request: { courierShipmentId: string },
    call: CourierCall,
  ): Promise<CourierCancellation>;
  /** Tells where a parcel is; null when the courier does not know it. Changes nothing. */
  lookUpShipment(
    request: { courierShipmentId: string },
    call: CourierCall,
  ): Promise<CourierNews | null>;
  /** Asks what was booked under `call.idempotencyKey`; null when certainly nothing was. */
  findByIdempotencyKey(call: CourierCall): Promise<CourierShipment | null>;
}
