/** What the inventory module offers, as data: who may call what, where, and which use case answers. */
import { z } from 'zod';
import { isRefusal } from '../../kernel/errors.ts';
import { idSchema } from '../../kernel/ids.ts';
import { pageOf, pageQueryBy } from '../../kernel/page.ts';
import { defineRead, defineTransactional } from '../../kernel/procedure.ts';
import { checkAvailability } from './check-availability.ts';
import { consumeStock } from './consume-stock.ts';
import {
  insufficientStock,
  productNotStocked,
  reservationConsumed,
  reservationEnded,
  reservationMismatch,
  reservationNotFound,
  stockBelowReserved,
} from './errors.ts';
import { inventoryConsumed, inventoryReleased, inventoryReserved } from './events.ts';
import { expireReservations } from './expire-reservations.ts';
import { listReservations } from './list-reservations.ts';
import { listStock } from './list-stock.ts';
import { releaseStock } from './release-stock.ts';
import {
  quantitySchema,
  reservationActions,
  reservationRowSchema,
  reservationSchema,
  reservationStatuses,
  reservationView,
  stockedProductIdSchema,
  stockKeepers,
} from './reservation.ts';
import { reserveStock } from './reserve-stock.ts';
import { setStock } from './set-stock.ts';
import { largestStock, stockActions, stockRowSchema, stockSchema, stockView } from './stock.ts';

/** Who may look into the warehouse. */
const stockReaders = ['service', 'operator', 'admin', 'manager', 'support'] as const;

const itemsSchema = z
  .array(
    z.object({
      productId: stockedProductIdSchema,
      quantity: quantitySchema,
      physical: z
        .boolean()
        .optional()
        .describe('True: refused when the product has no stock. Otherwise it then needs none'),
    }),
  )
  .min(1)
  .max(200);

/** `prod-123:2,prod-100` in a query string: product and quantity, one when left out. */
const itemsTextSchema = z
  .string()
  .max(4000)
  .regex(
    /^[A-Za-z0-9._-]+(:\d{1,7})?(,[A-Za-z0-9._-]+(:\d{1,7})?)*$/,
    'expected product ids with quantities such as prod-123:2,prod-100',
  )
  .transform((text) =>
    text.split(',').map((item) => {
      const [productId = '', quantity = '1'] = item.split(':');
      return { productId, quantity: Number(quantity) };
    }),
  )
  .pipe(itemsSchema);

export const checkAvailabilityProcedure = defineRead({
  name: 'inventory.check-availability',
  summary: 'Ask whether items could be reserved now',
  description: 'The answer promises nothing; only inventory.reserve does.',
  input: z.object({ items: z.union([itemsSchema, itemsTextSchema]) }),
  output: z.object({
    available: z.boolean(),
    items: z.array(
      z.object({
        productId: z.string(),
        requested: z.number().int(),
        available: z.number().int().nullable().describe('Null: the product needs no stock'),
        sufficient: z.boolean(),
      }),
    ),
  }),
  access: 'authenticated',
  http: { method: 'GET', path: '/inventory/availability' },
  errors: [],
  execute: (context, input) => checkAvailability(context, input.items),
});

/** Whatever was sent, only an order id and what was refused or reserved is worth keeping. */
const fulfillmentTraceSchema = z
  .object({ orderId: idSchema.optional().catch(undefined) })
  .catch({});

export const reserveProcedure = defineTransactional({
  name: 'inventory.reserve',
  summary: 'Reserve stock for an order',
  description:
    'Reserves all items or none. An order is reserved once: the same items again answer with the ' +
    'reservation that is there.',
  input: z.object({
    orderId: idSchema,
    items: itemsSchema,
    holdHours: z.number().int().min(1).max(720).default(48).describe('When it expires by itself'),
  }),
  output: reservationSchema,
  access: stockKeepers,
  http: { method: 'POST', path: '/inventory/reservations', status: 201 },
  errors: [insufficientStock, productNotStocked, reservationMismatch, reservationEnded],
  emits: [inventoryReserved],
  trace: {
    type: 'order_fulfillment',
    service: 'Order Service',
    describe: ({ input }) => {
      const { orderId } = fulfillmentTraceSchema.parse(input);
      return { step: 'allocate-inventory', ...(orderId === undefined ? {} : { orderId }) };
    },
  },
  async execute(context, input) {
    const result = await reserveStock(context, input);
    return isRefusal(result) ? result : reservationView(result);
  },
});

export const releaseProcedure = defineTransactional({
  name: 'inventory.release',
  summary: 'Give back what an order has reserved',
  description: 'Releasing again, or an order without a reservation, changes nothing.',
  input: z.object({ orderId: idSchema }),
  output: z.object({ orderId: idSchema, reservation: reservationSchema.nullable() }),
  access: stockKeepers,
  http: { method: 'POST', path: '/inventory/reservations/{orderId}/release' },
  errors: [reservationConsumed],
  emits: [inventoryReleased],
  async execute(context, { orderId }) {
    const result = await releaseStock(context, orderId);
    if (isRefusal(result)) return result;
    return { orderId, reservation: result && reservationView(result) };
  },
});

export const consumeProcedure = defineTransactional({
  name: 'inventory.consume',
  summary: 'Take the reserved goods of an order out of the stock, as shipped',
  input: z.object({ orderId: idSchema }),
  output: reservationSchema,
  access: stockKeepers,
  http: { method: 'POST', path: '/inventory/reservations/{orderId}/consume' },
  errors: [reservationNotFound, reservationEnded],
  emits: [inventoryConsumed],
  async execute(context, { orderId }) {
    const result = await consumeStock(context, orderId);
    return isRefusal(result) ? result : reservationView(result);
  },
});

export const expireReservationsProcedure = defineTransactional({
  name: 'inventory.expire-reservations',
  summary: 'Free what was reserved too long ago',
  description: 'Called by a timer. `more` says that another call would find more.',
  input: z.object({ limit: z.number().int().min(1).max(1000).default(200) }),
  output: z.object({ orderIds: z.array(idSchema), more: z.boolean() }),
  access: stockKeepers,
  http: { method: 'POST', path: '/inventory/expire-reservations' },
  errors: [],
  emits: [inventoryReleased],
  execute: (context, input) => expireReservations(context, input.limit),
});

export const setStockProcedure = defineTransactional({
  name: 'inventory.set-stock',
  summary: 'Set how many units of a product are on hand',
  input: z.object({
    productId: stockedProductIdSchema,
    onHand: z.number().int().min(0).max(largestStock),
  }),
  output: stockSchema,
  access: stockKeepers,
  http: { method: 'PUT', path: '/inventory/stock/{productId}' },
  errors: [stockBelowReserved],
  async execute(context, input) {
    const result = await setStock(context, input);
    return isRefusal(result) ? result : stockView(result);
  },
});

export const listStockProcedure = defineRead({
  name: 'inventory.list-stock',
  summary: 'List stock by product',
  input: pageQueryBy([stockedProductIdSchema]).extend({
    availableBelow: z.coerce
      .number()
      .int()
      .min(0)
      .max(largestStock)
      .optional()
      .describe('Only products with fewer free units than this'),
  }),
  output: pageOf(stockRowSchema),
  access: stockReaders,
  http: { method: 'GET', path: '/inventory/stock' },
  errors: [],
  async execute(context, input) {
    const page = await listStock(context, input);
    const can = stockActions(context.caller);
    return { ...page, items: page.items.map((stock) => ({ ...stockView(stock), can })) };
  },
});

export const listReservationsProcedure = defineRead({
  name: 'inventory.list-reservations',
  summary: 'List reservations, newest first',
  input: pageQueryBy([z.iso.datetime(), idSchema]).extend({
    status: z.enum(reservationStatuses).optional(),
    orderId: idSchema.optional(),
    productId: stockedProductIdSchema.optional(),
  }),
  output: pageOf(reservationRowSchema),
  access: stockReaders,
  http: { method: 'GET', path: '/inventory/reservations' },
  errors: [],
  async execute(context, input) {
    const page = await listReservations(context, input);
    return {
      ...page,
      items: page.items.map((reservation) => ({
        ...reservationView(reservation),
        can: reservationActions(context.caller, reservation),
      })),
    };
  },
});
