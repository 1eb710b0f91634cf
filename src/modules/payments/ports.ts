/** What payments need of other modules, read inside the caller's transaction; `app/` wires it. */
import { assert } from '../../kernel/errors.ts';
import type { Money } from '../../kernel/money.ts';
import type { TraceContext } from '../../kernel/trace.ts';
import type { Transaction } from '../../kernel/transaction.ts';
import type { PaymentMethod, PaymentProvider } from './provider.ts';

/** An order as a payment needs it. */
export interface PayableOrder {
  readonly id: string;
  readonly userId: string;
  /** The status in the words of the orders module. */
  readonly status: string;
  readonly total: Money;
}

/** Looks up orders. */
export interface OrdersPort {
  /** The order as it is now; null when there is none. */
  find(tx: Transaction, orderId: string, trace: TraceContext): Promise<PayableOrder | null>;
}

/** Everything that the payments module is given. */
export interface PaymentsOptions {
  readonly provider: PaymentProvider;
  readonly orders: OrdersPort;
  /** 32 random bytes; details of payment methods are encrypted with it before they are stored. */
  readonly encryptionKey: Uint8Array;
  /** Methods that may be used now. @defaultValue all */
  readonly activeMethods?: readonly PaymentMethod[];
  /** How long nothing may be heard of an open session before the provider is asked. @defaultValue 15 minutes */
  readonly checkAfterMs?: number;
}

/** Fails at start, not at the first payment, when the key is not one. */
export function assertOptions({ encryptionKey }: PaymentsOptions): void {
  assert(
    encryptionKey.length === 32,
    `expected a payment encryption key of 32 bytes, found ${encryptionKey.length}`,
  );
}

/** True while an order may be paid. */
export function isPayable(order: PayableOrder): boolean {
  return order.status === 'pending' || order.status === 'payment_failed';
}

/** True when an order was given up: money that still comes has to go back. */
export function isGivenUp(order: PayableOrder): boolean {
  return order.status === 'cancelled' || order.status === 'refunded';
}
