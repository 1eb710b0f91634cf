/** Steps that deal with the biller: its orders, their write-back, changes of plans. */
import { z } from 'zod';
import type { Procedure } from '../../kernel/procedure.ts';
import { billedLines, lineSchema, promotionSchema } from './billing-order.ts';
import { billingOrderError, changeOrderError } from './errors.ts';
import { outsideWork, refusedBy } from './outside-work.ts';
import type { BillingSystems } from './provider.ts';
import { beginStep, changeOrder, lockOrder } from './store.ts';

const order = z.object({ orderId: z.string() });
const withLines = order.extend({ accountId: z.string(), lines: z.array(lineSchema) });
const billed = z.array(z.object({ mdn: z.string(), plan: z.string(), monthlyCharge: z.number() }));
const change = order.extend({ originalOrderId: z.string().nullable() });

/** The procedures. */
export function billerWork(systems: BillingSystems): readonly Procedure[] {
  return [
    outsideWork(systems, {
      name: 'billing-orders.create-biller-order',
      summary: 'Have the biller charge for the lines',
      system: 'xoms-biller',
      step: 'CREATE_BILLER_ORDER',
      input: withLines,
      output: z.object({ billerOrderId: z.string() }),
      errors: [billingOrderError],
      async execute({ xoms }, { orderId, accountId, lines }, call) {
        const made = await xoms.createOrder(
          { orderId, accountId, lineItems: billedLines(lines) },
          call,
        );
        if (made.status === 'done') return { billerOrderId: made.value.billerOrderId };
        return refusedBy(billingOrderError, made);
      },
      async reconcile({ xoms }, { orderId }, call) {
        const known = await xoms.getOrder(orderId, call);
        return known?.status === 'OPEN' ? { billerOrderId: known.billerOrderId } : null;
      },
    }),

    outsideWork(systems, {
      name: 'billing-orders.cancel-biller-order',
      summary: 'Have the biller charge for the lines no longer',
      system: 'xoms-biller',
      input: order,
      output: order,
      errors: [billingOrderError],
      async execute({ xoms }, { orderId }, call) {
        const cancelled = await xoms.cancelOrder(orderId, call);
        return cancelled.status === 'done' ? { orderId } : refusedBy(billingOrderError, cancelled);
      },
    }),

    outsideWork(systems, {
      name: 'billing-orders.submit-billing-order',
      summary: 'Submit the billing order; the biller writes it back later',
      system: 'mbos-billing',
      step: 'SUBMIT_BILLING_ORDER',
      input: withLines.extend({ customerId: z.string(), promotions: z.array(promotionSchema) }),
      output: z.object({ amdocsOrderRef: z.string() }),
      errors: [billingOrderError],
      async execute({ mbos }, { orderId, accountId, customerId, lines, promotions }, call) {
        const submitted = await mbos.submitBillingOrder(
          { orderId, accountId, customerId, lineItems: billedLines(lines), promotions },
          call,
        );
        if (submitted.status === 'done') return { amdocsOrderRef: submitted.value.orderReference };
        return refusedBy(billingOrderError, submitted);
      },
      async reconcile({ mbos }, { orderId }, call) {
        const known = await mbos.getOrderStatus(orderId, call);
        if (!known || known.status === 'CANCELLED') return null;
        return { amdocsOrderRef: known.orderReference };
      },
      async record(context, { orderId }, { amdocsOrderRef }) {
        const known = await lockOrder(context.tx, orderId);
        if (known) await changeOrder(context, known, { amdocsOrderRef });
        await beginStep(context, orderId, 'AWAIT_WRITEBACK');
      },
    }),

    outsideWork(systems, {
      name: 'billing-orders.cancel-billing-order',
      summary: 'Cancel the billing order; charges end',
      system: 'mbos-billing',
      input: order,
      output: order,
      errors: [billingOrderError],
      async execute({ mbos }, { orderId }, call) {
        const cancelled = await mbos.cancelBillingOrder(orderId, call);
        return cancelled.status === 'done' ? { orderId } : refusedBy(billingOrderError, cancelled);
      },
    }),

    outsideWork(systems, {
      name: 'billing-orders.check-write-back',
      summary: 'Ask the biller, and the other way to it, whether an order is written back',
      system: 'mbos-billing',
      input: order,
      output: z.object({ state: z.enum(['WRITTEN_BACK', 'FAILED', 'OPEN']) }),
      errors: [],
      async execute({ mbos, xbo }, { orderId }, call) {
        const [own, forced] = await Promise.all([
          mbos.getOrderStatus(orderId, call),
          xbo.checkOrderStatus(orderId, call),
        ]);
        if (own?.status === 'COMPLETED' || forced?.status === 'WRITTEN_BACK') {
          return { state: 'WRITTEN_BACK' as const };
        }
        const isFailed = own?.status === 'FAILED' || forced?.status === 'FAILED';
        return { state: isFailed ? ('FAILED' as const) : ('OPEN' as const) };
      },
    }),

    outsideWork(systems, {
      name: 'billing-orders.force-write-back',
      summary: 'Have an order written back by force',
      system: 'xbo-adapter',
      input: order.extend({ accountId: z.string(), amdocsOrderRef: z.string() }),
      output: order,
      errors: [billingOrderError],
      async execute({ xbo }, { orderId, accountId, amdocsOrderRef }, call) {
        const forced = await xbo.submitOrder(
          { orderId, accountId, orderReference: amdocsOrderRef },
          call,
        );
        const isThere = forced.status === 'done' || forced.code === 'ORDER_EXISTS';
        return isThere ? { orderId } : refusedBy(billingOrderError, forced);
      },
    }),

    outsideWork(systems, {
      name: 'billing-orders.evaluate-change',
      summary: 'Decide whether lines may go to other plans',
      system: 'matrix-connector',
      step: 'EVALUATE_CHANGE',
      input: withLines.extend({ originalOrderId: z.string().nullable() }),
      output: z.object({
        changeOrderApprovalStatus: z.enum(['APPROVED', 'REJECTED']),
        reason: z.string(),
        before: billed.describe('What the lines were charged for'),
      }),
      errors: [],
      async execute({ matrix, mbos, xoms }, { accountId, originalOrderId, lines }, call) {
        const rejected = (reason: string) => ({
          ...{ changeOrderApprovalStatus: 'REJECTED' as const, reason, before: [] },
        });
        const original =
          originalOrderId === null ? null : await xoms.getOrder(originalOrderId, call);
        if (original?.status !== 'OPEN') {
          return rejected('the biller has no open order to change');
        }
        if (!(await mbos.getAccountBillingInfo(accountId, call))) {
          return rejected('the biller has no such account');
        }
        for (const plan of new Set(lines.map((line) => line.plan))) {
          const row = await matrix.queryBillingMatrix({ plan }, call);
          if (!row?.eligible) return rejected(row?.reason ?? `there is no plan ${plan}`);
        }
        const numbers = new Set(lines.map(({ mdn }) => mdn));
        const before = original.lineItems.filter(({ mdn }) => numbers.has(mdn));
        if (before.length < numbers.size) return rejected('a line is not one of the order');
        return { changeOrderApprovalStatus: 'APPROVED' as const, reason: '', before };
      },
    }),

    outsideWork(systems, {
      name: 'billing-orders.apply-change',
      summary: 'Have the biller charge the lines for other plans',
      system: 'xoms-biller',
      step: 'APPLY_CHANGE',
      input: change.extend({ changeId: z.string(), lineItems: billed }),
      output: order,
      errors: [changeOrderError],
      async execute({ xoms }, { orderId, originalOrderId, changeId, lineItems }, call) {
        const changed = await xoms.changeOrder(
          originalOrderId ?? orderId,
          {
            changeId,
            lineItems: lineItems.map(({ mdn, plan, monthlyCharge }) => ({
              mdn,
              plan,
              monthlyCharge,
            })),
          },
          call,
        );
        return changed.status === 'done' ? { orderId } : refusedBy(changeOrderError, changed);
      },
      async reconcile({ xoms }, { orderId, originalOrderId, changeId }, call) {
        const known = await xoms.getOrder(originalOrderId ?? orderId, call);
        return known?.changes.includes(changeId) ? { orderId } : null;
      },
    }),
  ];
}
