/** What the delivery module offers, as data: who may call what, where, and which use case answers. */
import { z } from 'zod';
import { type Caller, mayAccessUserData } from '../../kernel/caller.ts';
import { isRefusal, type Refusal, refuse } from '../../kernel/errors.ts';
import { idSchema } from '../../kernel/ids.ts';
import { cursorValue, pageOf, pageQueryBy, toPage } from '../../kernel/page.ts';
import {
  defineExternal,
  defineRead,
  defineTransactional,
  type Procedure,
} from '../../kernel/procedure.ts';
import { textSchema } from '../../kernel/text.ts';
import { cancelShipment } from './cancel-shipment.ts';
import { checkShipments } from './check-shipments.ts';
import { createShipment, reconcileShipment } from './create-shipment.ts';
import * as errors from './errors.ts';
import { triggerStatusUpdated } from './events.ts';
import type { DeliveryOptions } from './ports.ts';
import { receiveWebhook } from './receive-webhook.ts';
import {
  courierAddress,
  type Shipment,
  shipmentActions,
  shipmentAddressSchema,
  shipmentRowSchema,
  shipmentSchema,
  shipmentView,
} from './shipment.ts';
import { reportedStatuses, shipmentStatuses } from './shipment-states.ts';
import { findShipmentOfOrder, readShipmentPage } from './store.ts';

const orderInput = z.object({ orderId: idSchema });

/** The ids of a call, read leniently: the trace event of a failed call may have any input. */
const tracedSchema = z.object({
  input: z.object({ orderId: idSchema.optional().catch(undefined) }).catch({}),
  output: z
    .object({
      orderId: idSchema,
      userId: idSchema,
      shipmentId: idSchema,
      trackingNumber: z.string().nullable(),
      estimatedDeliveryAt: z.string().nullable(),
    })
    .optional()
    .catch(undefined),
});

function describeFulfillment(call: { input: unknown; output?: unknown }) {
  const { input, output } = tracedSchema.parse(call);
  if (!output) return input.orderId === undefined ? {} : { orderId: input.orderId };
  return output;
}

function viewUnlessRefused<Code extends string>(result: Shipment | Refusal<Code>) {
  return isRefusal(result) ? (result as Refusal<Code>) : shipmentView(result as Shipment);
}

function rowView(shipment: Shipment, caller: Caller) {
  return { ...shipmentView(shipment), can: shipmentActions(shipment, caller) };
}

const createInput = orderInput.extend({
  address: shipmentAddressSchema,
  items: z
    .array(
      z.object({
        productId: textSchema(100),
        productName: textSchema(200),
        quantity: z.number().int().min(1),
      }),
    )
    .max(100)
    .default([]),
});

function createShipmentProcedure(options: DeliveryOptions) {
  const forCourier = (input: z.output<typeof createInput>) => ({
    ...input,
    address: courierAddress(input.address),
  });
  return defineExternal({
    name: 'delivery.create-shipment',
    summary: 'Have an order carried',
    description: 'An order has one shipment: asking again gives the same one.',
    input: createInput,
    output: shipmentSchema,
    access: ['service', 'admin', 'operator'],
    http: { method: 'POST', path: '/delivery/shipments', status: 201 },
    limits: { system: 'courier' },
    errors: [errors.deliveryOrderUnknown, errors.shipmentRefused, errors.shipmentCancelled],
    trace: { type: 'order_fulfillment', service: 'Order Service', describe: describeFulfillment },
    execute: async (context, input) =>
      viewUnlessRefused(await createShipment(context, options, forCourier(input))),
    async reconcile(context, input) {
      const shipment = await reconcileShipment(context, options, forCourier(input));
      return shipment && viewUnlessRefused(shipment);
    },
  });
}

const getStatusProcedure = defineRead({
  name: 'delivery.get-status',
  summary: 'Show where the shipment of an order is',
  input: orderInput,
  output: shipmentRowSchema,
  access: 'authenticated',
  http: { method: 'GET', path: '/delivery/orders/{orderId}' },
  errors: [errors.shipmentNotFound, errors.shipmentForbidden],
  async execute({ tx, caller }, { orderId }) {
    const shipment = await findShipmentOfOrder(tx, orderId);
    if (!shipment)
      return refuse(
        errors.shipmentNotFound,
        `Expected an order with a shipment, found ${orderId}. It may not have been shipped yet.`,
      );
    if (mayAccessUserData(caller, shipment.userId)) return rowView(shipment, caller);
    return refuse(
      errors.shipmentForbidden,
      'Expected a shipment to the caller, found one to another user.',
    );
  },
});

const listProcedure = defineRead({
  name: 'delivery.list',
  summary: 'List shipments, newest first',
  input: pageQueryBy([idSchema]).extend({
    userId: idSchema.optional(),
    status: z.enum(shipmentStatuses).optional(),
  }),
  output: pageOf(shipmentRowSchema),
  access: ['admin', 'manager', 'support', 'operator', 'service'],
  http: { method: 'GET', path: '/delivery/shipments' },
  errors: [],
  async execute({ tx, caller }, { userId, status, limit, cursor }) {
    const { shipments, counted } = await readShipmentPage(tx, {
      filter: { userId, status },
      afterId: cursorValue(cursor),
      limit,
    });
    return toPage({
      rows: shipments,
      limit,
      counted,
      cursorOf: (shipment) => [shipment.id],
      itemOf: (shipment) => rowView(shipment, caller),
    });
  },
});

function cancelShipmentProcedure(options: DeliveryOptions) {
  return defineExternal({
    name: 'delivery.cancel-shipment',
    summary: 'Take a shipment back before pick-up',
    description: 'Where there is no shipment, nothing happens.',
    input: orderInput,
    output: z.object({
      orderId: idSchema,
      shipmentId: idSchema.nullable(),
      status: z.enum(shipmentStatuses).nullable().describe('Null when there is no shipment'),
    }),
    access: ['service', 'admin', 'manager', 'operator'],
    http: { method: 'POST', path: '/delivery/orders/{orderId}/cancel' },
    limits: { system: 'courier' },
    errors: [errors.shipmentAlreadyPickedUp],
    async execute(context, input) {
      const shipment = await cancelShipment(context, options, input);
      if (isRefusal(shipment)) return shipment;
      const { orderId } = input;
      return { orderId, shipmentId: shipment?.id ?? null, status: shipment?.status ?? null };
    },
  });
}

function checkShipmentsProcedure(options: DeliveryOptions) {
  return defineExternal({
    name: 'delivery.check-shipments',
    summary: 'Ask the courier about parcels that nothing was heard of',
    description:
      'For callbacks that never come. Runs by itself now and then; what it learns is taken in like a callback.',
    input: z.object({ limit: z.number().int().min(1).max(500).default(50) }),
    output: z.object({
      asked: z.number().int(),
      moved: z.number().int().describe('Shipments that the answer moved on'),
      more: z.boolean().describe('True when there may be further ones to ask about at once'),
    }),
    access: ['service', 'admin', 'operator'],
    http: { method: 'POST', path: '/delivery/shipments/check' },
    limits: { system: 'courier' },
    errors: [],
    emits: [triggerStatusUpdated],
    execute: (context, input) => checkShipments(context, options, input),
  });
}

/** The body of a webhook. The curl lines of the reference send only `orderId` and `status`. */
const deliveryWebhookSchema = z
  .object({
    orderId: idSchema.optional(),
    reference: textSchema(200).optional().describe('Our id of the shipment'),
    shipmentId: textSchema(200).optional().describe("The courier's id of the shipment, or ours"),
    trackingNumber: textSchema(100).optional(),
    status: z.enum(reportedStatuses),
    eventId: textSchema(200).optional().describe("The sender's id of this delivery"),
    detail: textSchema(500).optional(),
  })
  .refine(
    ({ orderId, reference, shipmentId, trackingNumber }) =>
      (orderId ?? reference ?? shipmentId ?? trackingNumber) !== undefined,
    {
      message: 'expected an orderId, a reference, a shipmentId or a trackingNumber',
      path: ['orderId'],
    },
  );

function receiveWebhookProcedure(options: DeliveryOptions) {
  return defineTransactional({
    name: 'delivery.receive-webhook',
    summary: 'Take in what the courier says',
    description: 'Called for verified webhooks. Stale and repeated news is taken and ignored.',
    input: deliveryWebhookSchema,
    output: z.object({
      orderId: idSchema,
      shipmentId: idSchema,
      status: z.enum(shipmentStatuses),
      applied: z.boolean().describe('False when the shipment was as far before'),
    }),
    access: ['service'],
    errors: [
      errors.shipmentNotFound,
      errors.deliveryOrderUnknown,
      errors.deliveryNotExpected,
      errors.deliveryWebhookContradicts,
    ],
    emits: [triggerStatusUpdated],
    async execute(context, body) {
      const received = await receiveWebhook(context, options, body);
      if (isRefusal(received)) return received;
      const { shipment, applied } = received;
      const { id: shipmentId, orderId, status } = shipment;
      return { orderId, shipmentId, status, applied };
    },
  });
}

/** Every procedure of the module. */
export function deliveryProcedures(options: DeliveryOptions): readonly Procedure[] {
  return [
    createShipmentProcedure(options),
    getStatusProcedure,
    listProcedure,
    cancelShipmentProcedure(options),
    checkShipmentsProcedure(options),
    receiveWebhookProcedure(options),
  ];
}
