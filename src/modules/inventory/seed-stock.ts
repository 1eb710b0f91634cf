/** The demo's stock. Seeded in demo mode only; ids are those of the demo's physical products. */
import type { Transaction } from '../../kernel/transaction.ts';
import { insertMissingStock } from './store.ts';

/** Plenty of everything, except for the cup that everybody wants. */
export const demoStock: readonly { productId: string; onHand: number }[] = [
  { productId: 'prod-100', onHand: 1_000_000 },
  { productId: 'prod-123', onHand: 1_000_000 },
  { productId: 'prod-espresso-beans', onHand: 5_000 },
  { productId: 'prod-espresso-machine', onHand: 200 },
  { productId: 'prod-roaster-60', onHand: 1_000 },
  { productId: 'prod-anniversary-cup', onHand: 10 },
  { productId: 'prod-hand-grinder-eu', onHand: 500 },
  { productId: 'prod-paper-filters', onHand: 40 },
];

/** Adds the stock that is missing and leaves what is there, so that a restart refills nothing. */
export async function seedStock(tx: Transaction): Promise<void> {
  await insertMissingStock(tx, demoStock, new Date('2026-01-01T00:00:00.000Z'));
}
