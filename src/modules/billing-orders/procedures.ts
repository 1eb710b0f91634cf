/** What the billing orders module offers to people and other programs, as data. */
import { z } from 'zod';
import type { Caller } from '../../kernel/caller.ts';
import { hasRole } from '../../kernel/caller.ts';
import { isRefusal, refuse } from '../../kernel/errors.ts';
import { idSchema } from '../../kernel/ids.ts';
import {
  type Action,
  actionSchema,
  cursorValue,
  pageOf,
  pageQueryBy,
  toPage,
} from '../../kernel/page.ts';
import { defineRead, defineTransactional, type Procedure } from '../../kernel/procedure.ts';
import { textSchema } from '../../kernel/text.ts';
import { billingEventSchema, domainIdSchema } from './billing-event.ts';
import {
  type BillingOrder,
  billingOrderSchema,
  billingOrderStatuses,
  billingOrderView,
  networks,
} from './billing-order.ts';
import { changeReferences } from './change-references.ts';
import { completeOrder, endOrder } from './complete-order.ts';
import * as errors from './errors.ts';
import * as events from './events.ts';
import type { BillingOrdersOptions, Workflows } from './ports.ts';
import { receiveEvent } from './receive-event.ts';
import { requestCancel } from './request-cancel.ts';
import { startWorkflow } from './start-workflow.ts';
import { billingOrderId } from './started-for.ts';
import { billingSteps, estimatedCompletion } from './steps.ts';
import { findOrder, readOrderPage, readSteps, usualDurationMs } from './store.ts';

const staff = ['support', 'manager', 'operator', 'admin'] as const;
const mayCancel = ['service', 'operator', 'admin'] as const;
const orderInput = z.object({
  orderId: domainIdSchema.describe("The customer's order, or the id of its billing order"),
});
const rowSchema = billingOrderSchema.extend({ can: z.array(actionSchema) });

function actions(order: BillingOrder, caller: Caller): Action[] {
  const action = 'billing-orders.cancel';
  if (!hasRole(caller, ...mayCancel)) {
    return [{ action, allowed: false, reason: 'Only operators may cancel billing orders.' }];
  }
  const isOpen = ['CREATED', 'IN_PROGRESS', 'COMPLETED'].includes(order.status);
  if (isOpen && !order.cancelRequestedAt) return [{ action, allowed: true }];
  return [{ action, allowed: false, reason: 'The order has ended, or is being cancelled.' }];
}

const rowView = (order: BillingOrder, caller: Caller) => ({
  ...billingOrderView(order),
  can: actions(order, caller),
});

const notFound = (orderId: string) =>
  refuse(errors.billingOrderNotFound, `Expected the id of a billing order, found ${orderId}.`);

function startProcedure(workflows: Workflows) {
  return defineTransactional({
    name: 'billing-orders.start-workflow',
    summary: 'Start the process of a billing order',
    description:
      "The order itself is loaded from the operator's domain. One order is one process: a second start " +
      'is refused, with the process that is there.',
    input: z.object({
      mboOrderId: domainIdSchema.describe('Becomes the business key of the process'),
      accountId: domainIdSchema,
      fulfillmentOrderId: domainIdSchema.optional(),
      shipmentId: domainIdSchema.optional(),
      provisionId: domainIdSchema.optional(),
      salesChangeOrder: z.boolean().default(false).describe('True for other plans of known lines'),
      network: z.enum(networks).default('cloud'),
      requestHeader: z
        .object({ traceId: textSchema(100), spanId: textSchema(100).optional() })
        .optional(),
    }),
    output: z.object({
      processInstanceId: idSchema,
      processDefinitionId: z.string(),
      businessKey: z.string(),
      status: z.literal('ACTIVE'),
      startTime: z.iso.datetime(),
      self: z.string(),
    }),
    access: ['service', 'operator', 'admin'],
    http: { method: 'POST', path: '/workflow/start', status: 202 },
    errors: [errors.workflowAlreadyStarted],
    async execute(context, input) {
      const { mboOrderId: orderId, accountId, network, requestHeader } = input;
      const { order, isNew } = await startWorkflow(context, workflows, {
        ...{ orderId, accountId, network },
        type: input.salesChangeOrder ? 'CHANGE' : 'CREATE',
        fulfillmentOrderId: input.fulfillmentOrderId ?? null,
        shipmentId: input.shipmentId ?? null,
        provisionId: input.provisionId ?? null,
        traceId: requestHeader?.traceId ?? context.trace.traceId,
        spanId: requestHeader?.spanId ?? null,
      });
      const started = {
        processInstanceId: order.processInstanceId ?? '',
        processDefinitionId: order.processDefinitionId ?? '',
        businessKey: orderId,
        startTime: order.createdAt.toISOString(),
        self: `/api/orders/${encodeURIComponent(orderId)}`,
      };
      if (isNew) return { ...started, status: 'ACTIVE' as const };
      return refuse(
        errors.workflowAlreadyStarted,
        `Expected an order without a process, found ${orderId} with process ${order.processInstanceId}.`,
        { data: started },
      );
    },
  });
}

const getStatus = defineRead({
  name: 'billing-orders.get-status',
  summary: 'Show how far a billing order is',
  input: orderInput,
  output: z.object({
    orderId: z.string(),
    status: z.enum(billingOrderStatuses),
    currentStep: z.enum(billingSteps),
    progress: z.number().int().describe('Percent'),
    lastUpdate: z.iso.datetime(),
    estimatedCompletion: z.iso
      .datetime()
      .nullable()
      .describe('From how long such orders took lately; null when it has ended'),
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
  }),
  access: ['service', ...staff],
  http: { method: 'GET', path: '/orders/{orderId}/status' },
  errors: [errors.billingOrderNotFound],
  async execute({ tx }, { orderId: asked }) {
    const order = await findOrder(tx, asked);
    if (!order) return notFound(asked);
    const { orderId, status, currentStep, progress, updatedAt, type } = order;
    const isOpen = status === 'CREATED' || status === 'IN_PROGRESS';
    const usualMs = isOpen ? await usualDurationMs(tx, type) : null;
    const estimate = isOpen ? estimatedCompletion({ progress, updatedAt, usualMs }) : null;
    return {
      ...{ orderId, status, currentStep, progress },
      lastUpdate: updatedAt.toISOString(),
      estimatedCompletion: estimate?.toISOString() ?? null,
      error: billingOrderView(order).error,
    };
  },
});

const get = defineRead({
  name: 'billing-orders.get',
  summary: 'Show a billing order with the times of its steps',
  input: orderInput,
  output: rowSchema.extend({
    steps: z.array(
      z.object({
        step: z.enum(billingSteps),
        startedAt: z.iso.datetime(),
        completedAt: z.iso.datetime().nullable(),
      }),
    ),
  }),
  access: ['service', ...staff],
  // Orders of the shop are found at the second path first; an id of either kind is looked up.
  http: { method: 'GET', path: '/billing-orders/{orderId}', alsoAt: '/orders/{orderId}' },
  errors: [errors.billingOrderNotFound],
  async execute({ tx, caller }, { orderId }) {
    const order = await findOrder(tx, orderId);
    if (!order) return notFound(orderId);
    const steps = await readSteps(tx, order.orderId);
    return {
      ...rowView(order, caller),
      steps: steps.map(({ step, startedAt, completedAt }) => ({
        step,
        startedAt: startedAt.toISOString(),
        completedAt: completedAt?.toISOString() ?? null,
      })),
    };
  },
});

const list = defineRead({
  name: 'billing-orders.list',
  summary: 'List billing orders, newest first',
  input: pageQueryBy([idSchema]).extend({
    status: z.enum(billingOrderStatuses).optional(),
    accountId: domainIdSchema.optional(),
  }),
  output: pageOf(rowSchema),
  access: ['service', ...staff],
  http: { method: 'GET', path: '/billing-orders' },
  errors: [],
  async execute({ tx, caller }, { status, accountId, limit, cursor }) {
    const { orders, counted } = await readOrderPage(tx, {
      filter: { status, accountId },
      afterId: cursorValue(cursor),
      limit,
    });
    return toPage({
      rows: orders,
      limit,
      counted,
      cursorOf: (order) => [order.id],
      itemOf: (order) => rowView(order, caller),
    });
  },
});

const update = defineTransactional({
  name: 'billing-orders.update',
  summary: 'Change what a billing order carries for warehouse and provisioning',
  description:
    'What is absent stays. It goes out when the order is complete. Lines and plans are changed by an order of ' +
    'their own.',
  input: orderInput.extend({
    fulfillmentOrderId: domainIdSchema.optional(),
    shipmentId: domainIdSchema.optional(),
    provisionId: domainIdSchema.optional(),
    shipping: z
      .object({ address: textSchema(500), method: z.enum(['STANDARD', 'OVERNIGHT']) })
      .optional(),
  }),
  output: rowSchema,
  access: mayCancel,
  http: { method: 'PUT', path: '/orders/{orderId}' },
  errors: [errors.billingOrderNotFound, errors.billingOrderNotChangeable],
  async execute(context, input) {
    const order = await changeReferences(context, input);
    return isRefusal(order) ? order : rowView(order, context.caller);
  },
});

function cancelProcedure(workflows: Workflows) {
  return defineTransactional({
    name: 'billing-orders.cancel',
    summary: 'Cancel a billing order, wherever it stands',
    description:
      'What was done is undone, or taken back; the answer on the topic comes when it is.',
    input: orderInput,
    output: rowSchema,
    access: mayCancel,
    http: { method: 'DELETE', path: '/orders/{orderId}', status: 202 },
    errors: [errors.billingOrderNotFound, errors.billingOrderNotCancellable],
    emits: [events.cancellationRequested, events.cancelAnswered],
    async execute(context, { orderId }) {
      const reason = 'cancelled over the API';
      const order = await requestCancel(context, workflows, { orderId, reason });
      return isRefusal(order) ? order : rowView(order, context.caller);
    },
  });
}

function receiveProcedure(workflows: Workflows) {
  return defineTransactional({
    name: 'billing-orders.receive-event',
    summary: 'Take in what another system tells of an order',
    description: 'Called for verified webhooks and for messages of topics.',
    input: billingEventSchema,
    output: z.object({ orderId: z.string(), started: z.boolean() }),
    access: ['service'],
    errors: [errors.billingOrderNotFound],
    emits: [
      events.lineProvisioned,
      events.writtenBack,
      events.cancellationRequested,
      events.cancelAnswered,
    ],
    execute: (context, event) => receiveEvent(context, workflows, event),
  });
}

const complete = defineTransactional({
  name: 'billing-orders.complete-order',
  summary: 'Complete an order and ask for its provisioning',
  input: orderInput,
  output: billingOrderSchema,
  access: ['service'],
  errors: [errors.cancelRequested],
  emits: [events.provisioningRequested],
  async execute(context, input) {
    const order = await completeOrder(context, input);
    return isRefusal(order) ? order : billingOrderView(order);
  },
});

const end = defineTransactional({
  name: 'billing-orders.end-order',
  summary: 'End an order whose work is undone, or taken back',
  input: orderInput.extend({
    billingOrderId,
    outcome: z.enum(['FAILED', 'CANCELLED']),
    code: z.string().max(200),
    message: z.string().max(2_000),
  }),
  output: billingOrderSchema,
  access: ['service'],
  errors: [errors.billingOrderNotFound],
  emits: [events.billingOrderFailed, events.deprovisioningRequested, events.cancelAnswered],
  async execute(context, input) {
    const order = await endOrder(context, input);
    return isRefusal(order) ? order : billingOrderView(order);
  },
});

/** Every procedure that is no step outside. */
export function billingOrderProcedures({ workflows }: BillingOrdersOptions): readonly Procedure[] {
  return [
    startProcedure(workflows),
    getStatus,
    get,
    list,
    update,
    cancelProcedure(workflows),
    receiveProcedure(workflows),
    complete,
    end,
  ];
}
