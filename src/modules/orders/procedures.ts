/** What the orders module offers, as data: who may call what, where, and which use case answers. */
import { z } from 'zod';
import { isRefusal, type Refusal } from '../../kernel/errors.ts';
import { idSchema } from '../../kernel/ids.ts';
import { amountSchema, currencySchema } from '../../kernel/money.ts';
import { actionSchema, pageOf, pageQueryBy } from '../../kernel/page.ts';
import { defineRead, defineTransactional, type Procedure } from '../../kernel/procedure.ts';
import { textSchema } from '../../kernel/text.ts';
import { addressSchema } from './address.ts';
import { approveOrder } from './approve-order.ts';
import { calculateOrderRisk } from './calculate-order-risk.ts';
import { cancelOrder } from './cancel-order.ts';
import { createOrder } from './create-order.ts';
import * as errors from './errors.ts';
import * as events from './events.ts';
import { findOwnOrder } from './find-own-order.ts';
import { listOrders } from './list-orders.ts';
import {
  approvalStates,
  type Order,
  orderActions,
  orderItemSchema,
  orderLimits,
  orderSchema,
  riskSchema,
} from './order.ts';
import { orderStatuses } from './order-states.ts';
import { itemView, orderView } from './order-view.ts';
import type { OrdersPorts } from './ports.ts';
import { requestApproval } from './request-approval.ts';
import { requestableStatuses, updateStatus } from './update-status.ts';

const orderInput = z.object({ orderId: idSchema });
const orderWithActions = orderSchema.extend({ can: z.array(actionSchema) });

function viewUnlessRefused<Code extends string>(result: Order | Refusal<Code>) {
  return isRefusal(result) ? (result as Refusal<Code>) : orderView(result as Order);
}

/** The ids of a call, read leniently: the trace event of a failed call may have any input. */
const tracedSchema = z.object({
  input: z.object({ userId: idSchema.optional().catch(undefined) }).catch({}),
  output: z.object({ id: idSchema, userId: idSchema }).optional().catch(undefined),
});

function describeCreation(call: { input: unknown; output?: unknown }) {
  const { input, output } = tracedSchema.parse(call);
  const userId = output?.userId ?? input.userId;
  return {
    ...(output === undefined ? {} : { orderId: output.id }),
    ...(userId === undefined ? {} : { userId }),
  };
}

/** A unit price or total that the caller believes; only compared with the catalog's. */
const claimedAmount = amountSchema.optional();

function createProcedure(ports: OrdersPorts) {
  return defineTransactional({
    name: 'orders.create',
    summary: 'Place an order',
    description:
      'Prices come from the catalog. A price or total in the request is compared with them and ' +
      'refused when it differs. The order is carried on by a process from then on.',
    input: z
      .object({
        userId: idSchema.optional().describe('Whom the order is for; oneself when absent'),
        items: z
          .array(
            z.object({
              productId: textSchema(100),
              quantity: z.number().int().min(1).max(orderLimits.quantity),
              price: claimedAmount.describe('Price per unit that the customer saw'),
            }),
          )
          .min(1)
          .max(orderLimits.items),
        total: claimedAmount.describe('Total that the customer saw'),
        totalAmount: claimedAmount.describe('Another name of `total`'),
        currency: currencySchema.optional().describe("The products' currency when absent"),
        newCustomer: z
          .boolean()
          .optional()
          .describe('A hint that can raise the risk, never lower it'),
        shippingAddress: addressSchema.optional().describe('Required for physical products'),
        billingAddress: addressSchema.optional(),
      })
      // What the try-out of the API reference begins with.
      .meta({ examples: [{ items: [{ productId: 'prod-100', quantity: 1 }], total: 100 }] }),
    output: orderSchema,
    access: 'authenticated',
    http: { method: 'POST', path: '/orders', status: 201 },
    errors: [
      errors.userRequired,
      errors.orderForbidden,
      errors.userNotFound,
      errors.unknownProduct,
      errors.currencyNotSupported,
      errors.priceMismatch,
      errors.totalMismatch,
      errors.totalOutOfRange,
      errors.shippingAddressRequired,
    ],
    emits: [events.orderCreated, events.triggerCreated],
    trace: { type: 'order_creation', service: 'Order Service', describe: describeCreation },
    execute: async (context, input) => viewUnlessRefused(await createOrder(context, ports, input)),
  });
}

const getProcedure = defineRead({
  name: 'orders.get',
  summary: 'Get an order',
  description: 'Buyers see their own orders, staff see all.',
  input: orderInput,
  output: orderWithActions,
  access: 'authenticated',
  http: { method: 'GET', path: '/orders/{orderId}' },
  errors: [errors.orderNotFound, errors.orderForbidden],
  async execute(context, input) {
    const order = await findOwnOrder(context, input);
    if (isRefusal(order)) return order;
    return withActions(order, context.caller);
  },
});

function withActions(order: Order, caller: Parameters<typeof orderActions>[1]) {
  return { ...orderView(order), can: orderActions(order, caller) };
}

const listProcedure = defineRead({
  name: 'orders.list',
  summary: 'List orders, newest first',
  description: 'Buyers see their own orders, staff see all.',
  input: pageQueryBy([idSchema]).extend({
    userId: idSchema.optional(),
    status: z.enum(orderStatuses).optional(),
    approval: z.enum(approvalStates).optional().describe('`pending`: what waits for a person'),
  }),
  output: pageOf(orderWithActions),
  access: 'authenticated',
  http: { method: 'GET', path: '/orders' },
  errors: [errors.orderForbidden],
  async execute(context, input) {
    const page = await listOrders(context, input);
    if (isRefusal(page)) return page;
    const { items, ...rest } = page;
    return { ...rest, items: items.map((order) => withActions(order, context.caller)) };
  },
});

const listItemsProcedure = defineRead({
  name: 'orders.list-items',
  summary: 'List the lines of an order',
  input: orderInput,
  output: z.object({ items: z.array(orderItemSchema) }),
  access: 'authenticated',
  http: { method: 'GET', path: '/orders/{orderId}/items' },
  errors: [errors.orderNotFound, errors.orderForbidden],
  async execute(context, input) {
    const found = await findOwnOrder(context, input);
    if (isRefusal(found)) return found;
    const order = found;
    return { items: order.items.map((item) => itemView(order, item)) };
  },
});

const calculateRiskProcedure = defineTransactional({
  name: 'orders.calculate-risk',
  summary: 'Calculate and keep the risk of an order',
  description:
    'A score above 70 needs the approval of a person. `approval` says where that stands.',
  input: orderInput,
  output: riskSchema.extend({ orderId: idSchema, approval: z.enum(approvalStates) }),
  access: ['manager', 'admin', 'service'],
  http: { method: 'POST', path: '/orders/{orderId}/risk' },
  errors: [errors.orderNotFound, errors.orderForbidden],
  async execute(context, input) {
    const result = await calculateOrderRisk(context, input);
    if (isRefusal(result)) return result;
    const order = orderView(result);
    return { ...order.risk!, orderId: order.id, approval: order.approval };
  },
});

const requestApprovalProcedure = defineTransactional({
  name: 'orders.request-approval',
  summary: 'Put an order in front of a person',
  input: orderInput,
  output: orderSchema,
  access: ['manager', 'admin', 'service'],
  http: { method: 'POST', path: '/orders/{orderId}/request-approval' },
  errors: [errors.orderNotFound, errors.orderForbidden, errors.approvalTooLate],
  emits: [events.orderApprovalRequested],
  execute: async (context, input) => viewUnlessRefused(await requestApproval(context, input)),
});

const approveProcedure = defineTransactional({
  name: 'orders.approve',
  summary: 'Approve or reject a risky order',
  description:
    'The first decision stands; the same one again is answered alike. The buyer may not decide.',
  input: orderInput.extend({ approved: z.boolean(), reason: textSchema(500).optional() }),
  output: orderSchema,
  access: ['manager', 'admin'],
  http: { method: 'POST', path: '/orders/approve' },
  errors: [
    errors.orderNotFound,
    errors.orderForbidden,
    errors.approverIsBuyer,
    errors.approvalNotRequired,
    errors.approvalAlreadyDecided,
    errors.approvalTooLate,
  ],
  emits: [events.triggerApproved],
  execute: async (context, input) => viewUnlessRefused(await approveOrder(context, input)),
});

/** What a change of status may announce. */
const statusEvents = [
  events.orderConfirmed,
  events.orderPaymentFailed,
  events.orderPaymentRetried,
  events.orderShipped,
  events.orderDelivered,
  events.orderCancelled,
  events.orderReturned,
  events.orderRefunded,
];

const updateStatusProcedure = defineTransactional({
  name: 'orders.update-status',
  summary: 'Change the status of an order',
  description:
    'For staff and processes; a buyer may only cancel. `completed` means delivered and nothing ' +
    'left to do. Asking for the status that the order has changes nothing.',
  input: orderInput.extend({
    status: z.enum(requestableStatuses),
    paymentId: idSchema.optional().describe('Required for `confirmed`'),
    trackingNumber: textSchema(100).optional().describe('For `shipped`'),
    reason: textSchema(500).optional(),
  }),
  output: orderSchema,
  access: 'authenticated',
  http: { method: 'PATCH', path: '/orders/{orderId}' },
  errors: [
    errors.orderNotFound,
    errors.orderForbidden,
    errors.invalidStatusTransition,
    errors.statusFieldRequired,
    errors.orderAlreadyShipped,
  ],
  emits: statusEvents,
  execute: async (context, input) => viewUnlessRefused(await updateStatus(context, input)),
});

const cancelProcedure = defineTransactional({
  name: 'orders.cancel',
  summary: 'Cancel an order before it ships',
  description: 'Stock and money are given back. Cancelling twice cancels once.',
  input: orderInput.extend({ reason: textSchema(500).optional() }),
  output: orderSchema,
  access: 'authenticated',
  http: { method: 'POST', path: '/orders/{orderId}/cancel' },
  errors: [
    errors.orderNotFound,
    errors.orderForbidden,
    errors.orderAlreadyShipped,
    errors.invalidStatusTransition,
  ],
  emits: [events.orderCancelled],
  execute: async (context, input) => viewUnlessRefused(await cancelOrder(context, input)),
});

/** Every procedure of the module. */
export function ordersProcedures(ports: OrdersPorts): readonly Procedure[] {
  return [
    createProcedure(ports),
    getProcedure,
    listProcedure,
    listItemsProcedure,
    calculateRiskProcedure,
    requestApprovalProcedure,
    approveProcedure,
    updateStatusProcedure,
    cancelProcedure,
  ];
}
