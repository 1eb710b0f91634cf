/** What delivery needs of other modules, read inside the caller's transaction; `app/` wires it. */
import type { TraceContext } from '../../kernel/trace.ts';
import type { Transaction } from '../../kernel/transaction.ts';
import type { CourierProvider } from './provider.ts';

/** An order as delivery needs it. */
export interface DeliverableOrder {
  readonly userId: string;
  /**
   * True when a shipment of the order may be in the making at this moment: it is paid, not given up,
   * and not delivered. A courier's callback is then kept although no shipment is known yet.
   */
  readonly expectsShipment: boolean;
}

/** Looks up orders. */
export interface OrdersPort {
  /** The order as it is now; null when there is none. */
  find(tx: Transaction, orderId: string, trace: TraceContext): Promise<DeliverableOrder | null>;
}

/** Everything that the delivery module is given. */
export interface DeliveryOptions {
  readonly courier: CourierProvider;
  readonly orders: OrdersPort;
}
