/** Products: adding, changing, finding and listing them, on real PostgreSQL. */
import { expect, test } from 'vitest';
import {
  callProcedure,
  fixedClock,
  migrationsOf,
  mustRefuse,
  mustSucceed,
  userCaller,
} from '../../../test/support/context.ts';
import { testDatabase } from '../../../test/support/database.ts';
import { anonymousCaller } from '../../kernel/caller.ts';
import { newId } from '../../kernel/ids.ts';
import { formatMoney } from '../../kernel/money.ts';
import { catalogModule } from './module.ts';
import {
  createProductProcedure,
  getProductProcedure,
  getProductsProcedure,
  listProductsProcedure,
  updateProductProcedure,
} from './procedures.ts';
import { demoProducts, seedProducts } from './seed-products.ts';

const migrations = migrationsOf(catalogModule());
const { database } = await testDatabase({ migrations });
const manager = userCaller(newId(), 'manager');
const clock = fixedClock();
const now = clock.now().toISOString();

type NewProduct = Partial<Parameters<typeof createProductProcedure.input.parse>[0] & object>;

function create(product: NewProduct = {}) {
  return callProcedure(
    database,
    createProductProcedure,
    { name: 'Cup', price: 9.5, currency: 'USD', physical: true, ...product },
    { caller: manager, clock },
  );
}

test('a product is added with its exact price and published', async () => {
  const { result, events } = await create({ id: 'prod-cup', sku: 'CUP-1', price: '19.99' });
  const product = {
    sku: 'CUP-1',
    name: 'Cup',
    price: 19.99,
    currency: 'USD',
    physical: true,
    active: true,
  };
  expect(result).toEqual({ id: 'prod-cup', description: '', updatedAt: now, ...product });
  expect(events).toEqual([
    { name: 'product.created', payload: { productId: 'prod-cup', createdAt: now, ...product } },
  ]);
  const got = await mustSucceed(
    callProcedure(database, getProductProcedure, { productId: 'prod-cup' }),
  );
  expect(got).toEqual(result);
  expect((await mustSucceed(create())).id).toMatch(/^prod-[0-9a-f-]{36}$/);
});

test('an id and a SKU belong to one product', async () => {
  await mustSucceed(create({ id: 'prod-taken', sku: 'TAKEN' }));
  const sameId = await mustRefuse(create({ id: 'prod-taken', sku: 'OTHER' }));
  expect([sameId.code, sameId.issues[0]?.pointer]).toEqual(['PRODUCT_EXISTS', '/id']);
  const sameSku = await mustRefuse(create({ sku: 'TAKEN' }));
  expect([sameSku.code, sameSku.issues[0]?.pointer]).toEqual(['PRODUCT_EXISTS', '/sku']);
  const other = await mustSucceed(create());
  const update = await mustRefuse(
    callProcedure(database, updateProductProcedure, { productId: other.id, sku: 'TAKEN' }),
  );
  expect([update.code, update.issues[0]?.pointer]).toEqual(['PRODUCT_EXISTS', '/sku']);
});

test.each([
  [-1, 'USD', '-1.00 USD'],
  ['-0.01', 'USD', '-0.01 USD'],
  [9.999, 'USD', '9.999'],
  [1.5, 'JPY', '1.5'],
  [1e13, 'USD', '10000000000000'],
  [1e21, 'USD', '1e+21'],
])('refuses the price %s %s', async (price, currency, found) => {
  const refusal = await mustRefuse(create({ price, currency }));
  expect(refusal.code).toBe('PRODUCT_PRICE_INVALID');
  expect(refusal.definition.status).toBe(422);
  expect(refusal.issues[0]).toMatchObject({ pointer: '/price', found });
});

test('prices keep every digit of their currency', async () => {
  for (const [price, currency] of [
    [0, 'USD'],
    [0.01, 'USD'],
    [999_999_999_999.99, 'USD'],
    [1500, 'JPY'],
    [0.125, 'BHD'],
  ] as const) {
    const product = await mustSucceed(create({ price, currency }));
    expect([product.price, product.currency]).toEqual([price, currency]);
  }
});

test('bad products never reach the use case', () => {
  const good = { name: 'Cup', price: 1, currency: 'USD', physical: true };
  expect(createProductProcedure.input.safeParse(good).success).toBe(true);
  const bad = [
    { ...good, id: 'Prod 1' },
    { ...good, currency: 'XXL' },
    { ...good, price: '1,50' },
    { ...good, price: null },
    { ...good, name: '' },
    { ...good, description: 'a\0b' },
    { ...good, physical: 'yes' },
  ];
  for (const input of bad)
    expect(createProductProcedure.input.safeParse(input).success).toBe(false);
});

test('a change touches what it names, and publishes the product as it is now', async () => {
  const { id } = await mustSucceed(create({ sku: 'CHANGE', description: 'before' }));
  const later = fixedClock('2026-03-02T00:00:00.000Z');
  const change = { productId: id, price: 12, active: false, sku: null };
  const { result, events } = await callProcedure(database, updateProductProcedure, change, {
    caller: manager,
    clock: later,
  });
  expect(result).toMatchObject({
    id,
    sku: null,
    name: 'Cup',
    description: 'before',
    price: 12,
    active: false,
    updatedAt: '2026-03-02T00:00:00.000Z',
  });
  expect(events).toMatchObject([
    { name: 'product.updated', payload: { productId: id, price: 12, active: false } },
  ]);
  const wrong = await mustRefuse(
    callProcedure(database, updateProductProcedure, { productId: id, price: -5 }),
  );
  expect(wrong.code).toBe('PRODUCT_PRICE_INVALID');
});

test('two changes at once both take effect', async () => {
  const { id } = await mustSucceed(create());
  await Promise.all([
    mustSucceed(callProcedure(database, updateProductProcedure, { productId: id, price: 77 })),
    mustSucceed(callProcedure(database, updateProductProcedure, { productId: id, name: 'Mug' })),
  ]);
  const got = await mustSucceed(callProcedure(database, getProductProcedure, { productId: id }));
  expect(got).toMatchObject({ price: 77, name: 'Mug' });
});

test('unknown products are refused one by one, and left out of a lookup of many', async () => {
  const productId = 'prod-unknown';
  const got = await mustRefuse(callProcedure(database, getProductProcedure, { productId }));
  const change = { productId, name: 'X' };
  const updated = await mustRefuse(callProcedure(database, updateProductProcedure, change));
  expect([got.code, updated.code]).toEqual(['PRODUCT_NOT_FOUND', 'PRODUCT_NOT_FOUND']);
  const inactive = await mustSucceed(create({ active: false }));
  const { products } = await mustSucceed(
    callProcedure(database, getProductsProcedure, {
      productIds: [productId, inactive.id, 'not even an id', 'nul\0'],
    }),
  );
  expect(products).toEqual([inactive]);
});

test('a lookup is described by its product id alone', () => {
  const describe = getProductProcedure.trace?.describe;
  expect(describe?.({ input: { productId: 'prod-1' } })).toEqual({
    lookup: 'product',
    productId: 'prod-1',
  });
  expect(describe?.({ input: 7 })).toEqual({ lookup: 'product' });
});

test('customers list what can be ordered by name, page by page; editors list everything', async () => {
  const { database: own } = await testDatabase({ migrations });
  await own.transaction(seedProducts);
  const list = (input: Record<string, unknown>, caller = anonymousCaller) =>
    mustSucceed(callProcedure(own, listProductsProcedure, input, { caller }));
  const names: string[] = [];
  let cursor: string | null | undefined;
  do {
    const page = await list({ limit: 3, ...(cursor ? { cursor } : {}) });
    expect(page.count.value).toBe(demoProducts.length - 1);
    expect(page.items.every((row) => row.can[0]?.allowed === false)).toBe(true);
    names.push(...page.items.map((row) => row.name));
    cursor = page.nextCursor;
  } while (cursor);
  const active = demoProducts.filter((product) => product.active);
  expect(names.toSorted()).toEqual(active.map((product) => product.name).toSorted());
  expect(new Set(names).size).toBe(names.length);

  expect((await list({ active: 'false' })).items).toEqual([]);
  const inactive = await list({ active: 'false' }, manager);
  expect(inactive.items.map((row) => row.id)).toEqual(['prod-paper-filters']);
  expect(inactive.items[0]?.can).toEqual([{ action: 'catalog.update-product', allowed: true }]);
  expect((await list({}, manager)).count.value).toBe(demoProducts.length);
  expect((await list({ physical: 'false' })).items.map((row) => row.id)).toEqual([
    'prod-brewing-course',
  ]);
  expect((await list({ search: 'ROASTER' })).items.map((row) => row.id)).toEqual([
    'prod-roaster-60',
  ]);
  for (const search of ['%', '_', '\\']) expect((await list({ search })).items).toEqual([]);
  expect(listProductsProcedure.input.safeParse({ cursor: 'nonsense' }).success).toBe(false);
});

test('the demo can be ordered for exactly 100 and exactly 50,000, and is seeded once', async () => {
  const { database: own } = await testDatabase({ migrations });
  await own.transaction(seedProducts);
  await own.transaction(seedProducts);
  const { rows } = await own.query('select 1 from catalog.products');
  expect(rows).toHaveLength(demoProducts.length);
  const price = (id: string) => formatMoney(demoProducts.find((item) => item.id === id)!.price);
  expect(price('prod-100')).toBe('100.00 USD');
  expect(price('prod-123')).toBe('49.99 USD');
  expect(price('prod-roaster-60')).toBe('50000.00 USD');
});
