/**
 * The demo's products: something for exactly 100 and for exactly 50,000, one of the reference's own
 * price, one that needs no shipping, one that is scarce, one in another currency and one that can no
 * longer be ordered. Seeded in demo mode only.
 */
import { type Currency, money } from '../../kernel/money.ts';
import type { Transaction } from '../../kernel/transaction.ts';
import type { Product } from './product.ts';
import { insertProduct } from './store.ts';

const createdAt = new Date('2026-01-01T00:00:00.000Z');

function demoProduct(product: {
  id: string;
  name: string;
  description: string;
  priceMinor: number;
  currency?: Currency;
  physical?: boolean;
  active?: boolean;
}): Product {
  return {
    id: product.id,
    sku: product.id.replace(/^prod-/, '').toUpperCase(),
    name: product.name,
    description: product.description,
    price: money(product.priceMinor, product.currency ?? 'USD'),
    physical: product.physical ?? true,
    active: product.active ?? true,
    createdAt,
    updatedAt: createdAt,
  };
}

/** The demo's products as they are seeded. */
export const demoProducts: readonly Product[] = [
  demoProduct({
    id: 'prod-100',
    name: 'Gift Box',
    description: 'Three coffees, two cups and a card. Costs exactly 100.',
    priceMinor: 100_00,
  }),
  demoProduct({
    id: 'prod-123',
    name: 'Pour-Over Set',
    description: 'Ceramic dripper with carafe and filters.',
    priceMinor: 49_99,
  }),
  demoProduct({
    id: 'prod-espresso-beans',
    name: 'Espresso Beans, 1 kg',
    description: 'Dark roast from Huehuetenango, roasted to order.',
    priceMinor: 24_90,
  }),
  demoProduct({
    id: 'prod-espresso-machine',
    name: 'Espresso Machine',
    description: 'Dual boiler, for home and small bar.',
    priceMinor: 1_299_00,
  }),
  demoProduct({
    id: 'prod-roaster-60',
    name: 'Industrial Roaster, 60 kg',
    description:
      'Drum roaster for a roastery. Costs exactly 50,000, so a person looks at its order.',
    priceMinor: 50_000_00,
  }),
  demoProduct({
    id: 'prod-brewing-course',
    name: 'Brewing Course',
    description: 'Twelve video lessons. Nothing is shipped.',
    priceMinor: 29_00,
    physical: false,
  }),
  demoProduct({
    id: 'prod-anniversary-cup',
    name: 'Anniversary Cup, numbered',
    description: 'Hand-thrown. There are ten.',
    priceMinor: 35_00,
  }),
  demoProduct({
    id: 'prod-hand-grinder-eu',
    name: 'Hand Grinder',
    description: 'Steel burrs, made in Solingen. Sold in euros.',
    priceMinor: 89_00,
    currency: 'EUR',
  }),
  demoProduct({
    id: 'prod-paper-filters',
    name: 'Paper Filters, 100 pieces',
    description: 'Discontinued: it can be looked at, but not ordered.',
    priceMinor: 3_50,
    active: false,
  }),
];

/** Adds the demo products that are missing and leaves the others as they are. */
export async function seedProducts(tx: Transaction): Promise<void> {
  for (const product of demoProducts) await insertProduct(tx, product);
}
