/** What delivery needs of other modules, read inside the caller's transaction; `app/` wires it. */
import type { TraceContext } from '../../kernel/trace.ts';
import type { Transaction } from '../../kernel/transaction.ts';
import type { CourierProvider } from './provider.ts';

/** An order as delivery needs it. */
export interface DeliverableOrder {
  readonly userId: string;
  /** The status in the words of the orders module. */
  readonly status: string;
}

/** Looks up orders. */
export interface OrdersPort {
  /** The order as it is now; null when there is none. */
  find(tx: Transaction, orderId: string, trace: TraceContext): Promise<DeliverableOrder | null>;
}

/** Looks up payments. */
export interface PaymentsPort {
  /** True when money for the order was taken and not given back in full. */
  isPaid(tx: Transaction, orderId: string, trace: TraceContext): Promise<boolean>;
}

/** Everything that the delivery module is given. */
export interface DeliveryOptions {
  readonly courier: CourierProvider;
  readonly orders: OrdersPort;
  readonly payments: PaymentsPort;
  /** How long nothing may be heard of a parcel before the courier is asked. @defaultValue 6 hours */
  readonly checkAfterMs?: number;
}
