/**
 * What orders need of other modules. Each method reads inside the caller's transaction; `app/` wires
 * them to the procedures of the modules that own the data.
 */
import type { Money } from '../../kernel/money.ts';
import type { TraceContext } from '../../kernel/trace.ts';
import type { Transaction } from '../../kernel/transaction.ts';

/** Who may order. */
export interface UsersPort {
  /** True when the user exists. */
  exists(tx: Transaction, userId: string, trace: TraceContext): Promise<boolean>;
}

/** A product as an order needs it. */
export interface CatalogProduct {
  readonly id: string;
  readonly name: string;
  readonly price: Money;
  /** Physical products need a shipping address. */
  readonly physical: boolean;
  /** Only active products can be ordered. */
  readonly active: boolean;
}

/** What may be ordered, and for how much. */
export interface CatalogPort {
  /** The products with these ids, in any order; unknown ids are left out. */
  getProducts(
    tx: Transaction,
    productIds: readonly string[],
    trace: TraceContext,
  ): Promise<readonly CatalogProduct[]>;
}

/** Everything that the orders module is given. */
export interface OrdersPorts {
  readonly users: UsersPort;
  readonly catalog: CatalogPort;
}
