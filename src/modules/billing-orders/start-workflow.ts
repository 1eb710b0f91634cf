/**
 * Starts the process of a customer's order: one process for one order, whoever asks and however often.
 * Order and process are written in one transaction.
 */
import { assert } from '../../kernel/errors.ts';
import type { TransactionalContext } from '../../kernel/procedure.ts';
import type { BillingOrder } from './billing-order.ts';
import type { Workflows } from './ports.ts';
import { changeOrder, insertOrder, lockOrder, type NewBillingOrder } from './store.ts';

/** The process of an order, from its start to its provisioning. */
const orchestration = 'billingOrchestration_v2';

/** The order, and whether its process was started just now. */
export interface StartedWorkflow {
  readonly order: BillingOrder;
  readonly isNew: boolean;
}

/** Starts the process, or finds the order whose process it is. */
export async function startWorkflow(
  context: TransactionalContext,
  workflows: Workflows,
  asked: NewBillingOrder,
): Promise<StartedWorkflow> {
  const isNew = await insertOrder(context, asked);
  const order = await lockOrder(context.tx, asked.orderId);
  assert(order, `expected billing order ${asked.orderId} after adding it, found none`);
  if (!isNew) return { order, isNew };
  const { orderId, accountId, type, network, traceId, spanId } = order;
  const { fulfillmentOrderId, shipmentId, provisionId } = order;
  const { instanceId, definitionId } = await workflows.start(context.tx, {
    process: orchestration,
    input: {
      // By it the process knows that it is the one that was started for the order.
      billingOrderId: order.id,
      ...{ orderId, accountId, fulfillmentOrderId, shipmentId, provisionId },
      isChangeOrder: type === 'CHANGE',
      ...{ network, traceId, spanId },
    },
    startKey: `billing-order ${orderId}`,
    trace: context.trace,
  });
  const process = { processInstanceId: instanceId, processDefinitionId: definitionId };
  return { order: await changeOrder(context, order, process), isNew };
}
