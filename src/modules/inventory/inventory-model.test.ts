/** Any sequence of operations leaves what a simple model of the inventory says. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { callProcedure, migrationsOf, mustSucceed } from '../../../test/support/context.ts';
import { testDatabase } from '../../../test/support/database.ts';
import { isRefusal } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import { inventoryModule } from './module.ts';
import {
  consumeProcedure,
  releaseProcedure,
  reserveProcedure,
  setStockProcedure,
} from './procedures.ts';

const { database } = await testDatabase({ migrations: migrationsOf(inventoryModule()) });

const products = ['p', 'q'];

const reserve = (orderId: string, quantities: Record<string, number>) =>
  callProcedure(database, reserveProcedure, {
    orderId,
    items: Object.entries(quantities).map(([productId, quantity]) => ({ productId, quantity })),
  });

/** `product: [on hand, reserved]` of everything in stock. */
async function levels(): Promise<Record<string, readonly [number, number]>> {
  const { rows } = await database.query<{ product_id: string; on_hand: number; reserved: number }>(
    'select product_id, on_hand, reserved from inventory.stock order by product_id',
  );
  return Object.fromEntries(rows.map((row) => [row.product_id, [row.on_hand, row.reserved]]));
}

test('any sequence of operations leaves what a simple model says', async () => {
  const operation = fc.oneof(
    fc.record({
      kind: fc.constant('reserve' as const),
      order: fc.nat(4),
      quantities: fc.dictionary(fc.constantFrom(...products), fc.integer({ min: 1, max: 4 }), {
        minKeys: 1,
      }),
    }),
    fc.record({ kind: fc.constantFrom('release' as const, 'consume' as const), order: fc.nat(4) }),
    fc.record({
      kind: fc.constant('set' as const),
      product: fc.constantFrom(...products),
      onHand: fc.nat(10),
    }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { minLength: 5, maxLength: 25 }), async (operations) => {
      await database.query(
        'truncate inventory.stock, inventory.reservations, inventory.reservation_lines',
      );
      const orderIds = Array.from({ length: 5 }, newId);
      const model = new StockModel(products);
      for (const productId of products) {
        await mustSucceed(callProcedure(database, setStockProcedure, { productId, onHand: 6 }));
      }
      for (const step of operations) {
        if (step.kind === 'set') {
          const { result } = await callProcedure(database, setStockProcedure, {
            productId: step.product,
            onHand: step.onHand,
          });
          expect(isRefusal(result)).toBe(!model.set(step.product, step.onHand));
          continue;
        }
        const orderId = orderIds[step.order]!;
        const { result } =
          step.kind === 'reserve'
            ? await reserve(orderId, step.quantities)
            : step.kind === 'release'
              ? await callProcedure(database, releaseProcedure, { orderId })
              : await callProcedure(database, consumeProcedure, { orderId });
        const expected =
          step.kind === 'reserve'
            ? model.reserve(step.order, step.quantities)
            : model.end(step.order, step.kind);
        expect(isRefusal(result) ? result.code : 'ok').toBe(expected);
      }
      expect(await levels()).toEqual(model.levels());
    }),
    { numRuns: 60 },
  );
});

/** The rules of the inventory, as simply as they can be said. */
class StockModel {
  readonly #onHand = new Map<string, number>();
  readonly #orders = new Map<number, { state: string; quantities: Record<string, number> }>();

  constructor(products: readonly string[]) {
    for (const product of products) this.#onHand.set(product, 6);
  }

  #reserved(product: string): number {
    return [...this.#orders.values()]
      .filter((order) => order.state === 'held')
      .reduce((sum, order) => sum + (order.quantities[product] ?? 0), 0);
  }

  set(product: string, onHand: number): boolean {
    if (this.#reserved(product) > onHand) return false;
    this.#onHand.set(product, onHand);
    return true;
  }

  reserve(order: number, quantities: Record<string, number>): string {
    const earlier = this.#orders.get(order);
    if (earlier) {
      const sorted = (record: Record<string, number>) =>
        JSON.stringify(Object.entries(record).sort());
      if (sorted(earlier.quantities) !== sorted(quantities)) return 'RESERVATION_MISMATCH';
      return earlier.state === 'release' ? 'RESERVATION_ENDED' : 'ok';
    }
    const fits = Object.entries(quantities).every(
      ([product, quantity]) =>
        (this.#onHand.get(product) ?? 0) - this.#reserved(product) >= quantity,
    );
    if (!fits) return 'INSUFFICIENT_STOCK';
    this.#orders.set(order, { state: 'held', quantities });
    return 'ok';
  }

  end(order: number, how: 'release' | 'consume'): string {
    const reservation = this.#orders.get(order);
    if (!reservation) return how === 'release' ? 'ok' : 'RESERVATION_NOT_FOUND';
    if (reservation.state === 'held') {
      if (how === 'consume') {
        for (const [product, quantity] of Object.entries(reservation.quantities)) {
          this.#onHand.set(product, (this.#onHand.get(product) ?? 0) - quantity);
        }
      }
      reservation.state = how;
    }
    if (reservation.state === how) return 'ok';
    return how === 'release' ? 'RESERVATION_CONSUMED' : 'RESERVATION_ENDED';
  }

  levels(): Record<string, readonly [number, number]> {
    return Object.fromEntries(
      [...this.#onHand].map(([product, onHand]) => [product, [onHand, this.#reserved(product)]]),
    );
  }
}
