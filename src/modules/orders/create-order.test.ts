/** Placing orders: what is accepted, every way it is refused, and that a refusal leaves no trace. */
import { describe, expect, test } from 'vitest';
import {
  buyer,
  demoBuyer,
  homeAddress,
  manager,
  ordersOnDatabase,
  people,
} from '../../../test/support/orders.ts';
import { anonymousCaller, processCaller } from '../../kernel/caller.ts';
import { demoAddress } from './demo-address.ts';

const orders = await ordersOnDatabase();
const desk = { productId: 'desk', quantity: 1 };

describe('an accepted order', () => {
  test('is answered in full, with the prices of the catalog', async () => {
    const order = await orders.place([
      { productId: 'lamp', quantity: 2, price: 49.99 },
      { productId: 'ebook', quantity: 1 },
    ]);
    expect(order).toMatchObject({
      userId: people.buyer,
      status: 'pending',
      totalAmount: 111.98,
      currency: 'USD',
      shippingAddress: homeAddress,
      billingAddress: null,
      requiresShipping: true,
      risk: null,
      approval: 'unknown',
      newCustomer: false,
      createdAt: '2026-03-01T12:00:00.000Z',
      updatedAt: '2026-03-01T12:00:00.000Z',
    });
    expect(order.items).toEqual([
      {
        id: expect.any(String),
        orderId: order.id,
        productId: 'lamp',
        productName: 'The lamp',
        quantity: 2,
        price: 49.99,
        subtotal: 99.98,
      },
      {
        id: expect.any(String),
        orderId: order.id,
        productId: 'ebook',
        productName: 'The ebook',
        quantity: 1,
        price: 12,
        subtotal: 12,
      },
    ]);
    const { can, ...stored } = await orders.succeed<typeof order & { can: unknown }>('orders.get', {
      orderId: order.id,
    });
    expect(stored).toEqual(order);
    expect(can).toBeDefined();
    expect(await orders.succeed('orders.list-items', { orderId: order.id })).toEqual({
      items: order.items,
    });
  });

  test('is announced by exactly the payload of the contract, and by the trigger', async () => {
    const { result, events } = await orders.call('orders.create', {
      items: [{ productId: 'lamp', quantity: 2 }, desk],
      shippingAddress: homeAddress,
      total: 199.98,
    });
    const orderId = 'id' in result ? result.id : undefined;
    expect(events).toEqual([
      {
        name: 'order.created',
        payload: {
          orderId,
          userId: people.buyer,
          status: 'pending',
          totalAmount: 199.98,
          currency: 'USD',
          itemCount: 2,
          createdAt: '2026-03-01T12:00:00.000Z',
        },
      },
      { name: 'orders.trigger.created', payload: { orderId, userId: people.buyer } },
    ]);
  });

  test('by the demo user goes to the demo address when it names none', async () => {
    const order = await orders.succeed(
      'orders.create',
      { items: [desk], total: 100 },
      {
        caller: demoBuyer,
      },
    );
    expect(order.shippingAddress).toEqual(demoAddress);
  });

  test('without physical products needs no address', async () => {
    const order = await orders.succeed('orders.create', {
      items: [{ productId: 'ebook', quantity: 1 }],
    });
    expect(order).toMatchObject({ requiresShipping: false, shippingAddress: null });
  });

  test('may be placed for somebody else by staff, whatever the case of the id', async () => {
    const input = { items: [desk], shippingAddress: homeAddress };
    const order = await orders.succeed(
      'orders.create',
      { ...input, userId: people.buyer.toUpperCase() },
      { caller: manager },
    );
    expect(order.userId).toBe(people.buyer);
  });
});

describe('a refused order leaves no trace and says what was expected', () => {
  const address = { shippingAddress: homeAddress };
  const cases = [
    {
      code: 'TOTAL_MISMATCH',
      status: 422,
      input: { items: [desk], ...address, total: 99.99 },
      issue: { pointer: '/total', expected: '100.00', found: '99.99' },
    },
    {
      code: 'TOTAL_MISMATCH',
      status: 422,
      input: { items: [desk], ...address, totalAmount: '1' },
      issue: { pointer: '/totalAmount', expected: '100.00', found: '1' },
    },
    {
      code: 'PRICE_MISMATCH',
      status: 422,
      input: { items: [desk, { ...desk, price: -1 }], ...address },
      issue: { pointer: '/items/1/price', expected: '100.00', found: '-1' },
    },
    {
      code: 'UNKNOWN_PRODUCT',
      status: 422,
      input: { items: [desk, { productId: 'unicorn', quantity: 1 }], ...address },
      issue: { pointer: '/items/1/productId', found: 'unicorn' },
    },
    {
      code: 'UNKNOWN_PRODUCT',
      status: 422,
      input: { items: [{ productId: 'old', quantity: 1 }], ...address },
      issue: { pointer: '/items/0/productId', message: 'The product is no longer sold.' },
    },
    {
      code: 'CURRENCY_NOT_SUPPORTED',
      status: 422,
      input: { items: [desk], ...address, currency: 'EUR' },
      issue: { pointer: '/items/0/productId', expected: 'a product sold in EUR' },
    },
    {
      code: 'CURRENCY_NOT_SUPPORTED',
      status: 422,
      input: { items: [desk, { productId: 'tea', quantity: 1 }], ...address },
      issue: { pointer: '/items/1/productId', expected: 'a product sold in USD' },
    },
    {
      code: 'TOTAL_OUT_OF_RANGE',
      status: 422,
      input: { items: [{ productId: 'gift', quantity: 1 }] },
    },
    {
      code: 'SHIPPING_ADDRESS_REQUIRED',
      status: 422,
      input: { items: [desk] },
      issue: { pointer: '/shippingAddress' },
    },
    {
      code: 'ORDER_FORBIDDEN',
      status: 403,
      input: { items: [desk], ...address, userId: people.manager },
    },
    {
      code: 'ORDER_USER_NOT_FOUND',
      status: 422,
      caller: manager,
      input: { items: [desk], ...address, userId: '01900000-0000-7000-8000-0000000000ff' },
      issue: { pointer: '/userId' },
    },
    {
      code: 'ORDER_USER_REQUIRED',
      status: 422,
      caller: processCaller,
      input: { items: [desk], ...address },
    },
    {
      code: 'ORDER_USER_REQUIRED',
      status: 422,
      caller: anonymousCaller,
      input: { items: [desk], ...address },
    },
  ];

  test.each(cases)('$code $input', async ({ code, status, input, issue, caller = buyer }) => {
    const before = await orders.count();
    const refusal = await orders.refused('orders.create', input, { caller });
    expect(refusal).toMatchObject({ code, definition: { status } });
    if (issue) expect(refusal.issues[0]).toMatchObject(issue);
    expect(await orders.count()).toBe(before);
  });

  test.each([
    { items: [] },
    { items: [{ productId: 'desk', quantity: 0 }] },
    { items: [{ productId: 'desk', quantity: 1001 }] },
    { items: [{ productId: 'desk', quantity: 1.5 }] },
    { items: [{ productId: 'de\0sk', quantity: 1 }] },
    { items: Array.from({ length: 101 }, () => desk) },
    { items: [desk], currency: 'XXY' },
    { items: [desk], shippingAddress: { ...homeAddress, country: 'usa' } },
    { items: [desk], total: 'free' },
    {},
  ])('wrong input is stopped by the schema: %j', async (input) => {
    await expect(orders.call('orders.create', input)).rejects.toMatchObject({ name: 'ZodError' });
  });
});
