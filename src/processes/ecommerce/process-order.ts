/**
 * The life of one order, from the moment it is placed until it is with the customer.
 *
 * The first half (`until-shipped`) can be given up: rejected, out of stock, not paid, cancelled by
 * the customer or by staff. Each of these is an error that ends the first half, and there is one way
 * of giving up: the order is cancelled, what was done is undone in reverse order (shipment, payment,
 * stock), and the customer reads why. Once the order is marked as shipped nothing is taken back.
 *
 * Only the first half listens for cancellations, and it is over when the process itself cancels; so
 * no cancellation is handled twice. Where a cancellation and a step race, the step is refused
 * (`INVALID_STATUS_TRANSITION`), and that gives the order up just the same.
 */
import { z } from 'zod';
import {
  choice,
  compensate,
  condition,
  end,
  fail,
  parallel,
  subprocess,
  task,
  when,
  workflow,
} from '../../engine/index.ts';
import { approvalThreshold, orderCancelled } from '../../modules/orders/index.ts';
import { calculateRisk } from './calculate-risk.ts';
import { cancelOrder } from './cancel-order.ts';
import { completeOrder } from './complete-order.ts';
import { confirmOrder } from './confirm-order.ts';
import { consumeStock } from './consume-stock.ts';
import { createPaymentSession } from './create-payment-session.ts';
import { createShipment } from './create-shipment.ts';
import { giveUpCodes, giveUpReason } from './give-up-reasons.ts';
import { markPaymentFailed } from './mark-payment-failed.ts';
import { markShipped } from './mark-shipped.ts';
import { openTicket } from './open-ticket.ts';
import { orderSnapshot } from './order-snapshot.ts';
import { requestApproval } from './request-approval.ts';
import { reserveInventory } from './reserve-inventory.ts';
import { sendMail } from './send-mail.ts';
import { settlePayment } from './settle-payment.ts';

const ofThisOrder = { orderId: '{{ on-order-created.id }}' };
const delivery = z.object({
  orderId: z.string(),
  status: z.string(),
  detail: z.string().optional(),
});

function ticketSubject(news: z.output<typeof delivery> | undefined): string {
  if (!news) return 'There was no news of the delivery for 30 days';
  return `The delivery failed: ${news.detail ?? 'the courier gave no reason'}`.slice(0, 200);
}

/** The order process. */
export const processOrder = workflow('process-order', {
  version: 1,
  name: 'Process an order',
  businessKey: '{{ on-order-created.id }}',
  fairBy: '{{ on-order-created.userId }}',
})
  .step(
    when({
      id: 'on-order-created',
      name: 'Order created',
      on: 'orders.create',
      mode: 'after',
      output: orderSnapshot,
    }),
  )
  .step(
    subprocess({
      id: 'until-shipped',
      name: 'Approve, reserve, pay and ship',
      body: (flow) =>
        flow
          .on(
            when({
              id: 'on-cancelled',
              name: 'Order cancelled',
              on: orderCancelled,
              filter: ofThisOrder,
            }),
            (cancelled) =>
              cancelled.step(
                fail({
                  id: 'cancelled-on-request',
                  code: 'CANCELLED_ON_REQUEST',
                  message: ({ inputData }) => inputData.reason,
                }),
              ),
          )
          .step(calculateRisk, ({ input }) => ({ orderId: input.id }))
          .step(
            condition({
              id: 'check-early-rejection',
              name: 'Rejected before anybody asked?',
              predicate: ({ steps }) => steps['calculate-risk'].approval === 'rejected',
              whenTrue: (early) =>
                early.step(
                  fail({
                    id: 'rejected-early',
                    code: 'ORDER_REJECTED',
                    message: 'The order was not approved',
                  }),
                ),
            }),
          )
          .step(
            condition({
              id: 'check-risk',
              name: 'Is a person to look at it?',
              predicate: ({ steps }) => steps['calculate-risk'].score > approvalThreshold,
              whenTrue: (risky) =>
                risky
                  .step(requestApproval, ({ input }) => ({ orderId: input.id }))
                  .step(
                    task({
                      id: 'wait-approval',
                      name: 'Approve or reject the order',
                      roles: ['manager', 'admin'],
                      title: ({ input, steps }) =>
                        `Approve order ${input.id} (${input.totalAmount} ${input.currency}, risk ` +
                        `${steps['calculate-risk'].score})?`,
                      subject: ({ input, steps }) => ({
                        orderId: input.id,
                        userId: input.userId,
                        totalAmount: input.totalAmount,
                        currency: input.currency,
                        risk: steps['calculate-risk'],
                      }),
                      output: z.object({ approved: z.boolean(), reason: z.string().optional() }),
                      decision: { procedure: 'orders.approve', fields: ['orderId'] },
                      completedBy: { on: 'orders.trigger.approved', filter: ofThisOrder },
                      due: '24h',
                      timeout: '24h',
                      onTimeout: fail({
                        id: 'approval-timed-out',
                        code: 'APPROVAL_TIMED_OUT',
                        message: 'Nobody decided within 24 hours',
                      }),
                    }),
                  )
                  .step(
                    condition({
                      id: 'check-approval',
                      name: 'Approved?',
                      predicate: ({ inputData }) => inputData.approved,
                      whenFalse: (no) =>
                        no.step(
                          fail({
                            id: 'rejected',
                            code: 'ORDER_REJECTED',
                            message: ({ steps }) =>
                              steps['wait-approval'].reason ?? 'The order was not approved',
                          }),
                        ),
                    }),
                  ),
            }),
          )
          .step(reserveInventory, ({ input }) => ({ orderId: input.id, items: input.items }))
          .step(
            parallel({
              id: 'notify-and-pay',
              name: 'Tell the customer and ask for the money',
              branches: {
                notify: (branch) =>
                  branch.step(sendMail('mail-order-confirmed', 'order-confirmed'), ({ input }) => ({
                    orderId: input.id,
                    userId: input.userId,
                  })),
                pay: (branch) =>
                  branch.step(createPaymentSession, ({ input }) => ({
                    orderId: input.id,
                    userId: input.userId,
                    amount: input.totalAmount,
                    currency: input.currency,
                  })),
              },
            }),
          )
          .step(
            when({
              id: 'wait-payment',
              name: 'Wait for the payment',
              on: 'payments.trigger.completed',
              filter: ofThisOrder,
              output: z.object({
                paymentId: z.string(),
                status: z.enum(['completed', 'failed']),
                failureReason: z.string().optional(),
              }),
              timeout: '24h',
              onTimeout: fail({
                id: 'payment-timed-out',
                code: 'PAYMENT_TIMED_OUT',
                message: 'The order was not paid within 24 hours',
              }),
            }),
          )
          .step(
            choice({
              id: 'check-payment',
              name: 'Paid?',
              on: ({ inputData }) => inputData.status,
              cases: {
                completed: (paid) =>
                  paid.step(confirmOrder, ({ input, steps }) => ({
                    orderId: input.id,
                    paymentId: steps['wait-payment'].paymentId,
                  })),
                failed: (unpaid) =>
                  unpaid
                    .step(markPaymentFailed, ({ input, steps }) => ({
                      orderId: input.id,
                      reason: steps['wait-payment'].failureReason ?? 'The payment failed',
                    }))
                    .step(
                      fail({
                        id: 'payment-failed',
                        code: 'PAYMENT_FAILED',
                        message: ({ steps }) =>
                          `The payment failed: ${steps['wait-payment'].failureReason ?? 'declined'}`,
                      }),
                    ),
              },
            }),
          )
          .step(
            condition({
              id: 'check-physical',
              name: 'Is there a parcel to send?',
              predicate: ({ input }) => input.requiresShipping,
              whenTrue: (physical) =>
                physical.step(createShipment, ({ input }) => ({
                  orderId: input.id,
                  address: input.shippingAddress,
                  items: input.items,
                })),
            }),
          )
          .step(markShipped, ({ input, steps }) => ({
            orderId: input.id,
            ...(steps['create-shipment'] && {
              trackingNumber: steps['create-shipment'].trackingNumber,
            }),
          })),
    }),
  )
  .catch({ id: 'given-up', name: 'Given up', code: giveUpCodes }, (flow) =>
    flow
      .step(cancelOrder, ({ input, steps }) => ({
        orderId: input.id,
        reason: giveUpReason(steps['given-up']),
      }))
      .step(compensate({ id: 'undo', name: 'Give back stock and money' }))
      // Who paid before a page was opened (while a person looked at the order) left nothing to undo.
      .step(settlePayment, ({ input }) => ({
        orderId: input.id,
        reason: 'The order was cancelled',
      }))
      .step(sendMail('mail-order-cancelled', 'order-cancelled'), ({ input, steps }) => ({
        orderId: input.id,
        userId: input.userId,
        data: { reason: giveUpReason(steps['given-up']) },
      }))
      .step(end({ id: 'order-cancelled', name: 'Order cancelled' })),
  )
  .step(consumeStock, ({ input }) => ({ orderId: input.id }))
  .step(
    condition({
      id: 'check-parcel',
      name: 'Is a parcel on its way?',
      predicate: ({ input }) => input.requiresShipping,
      whenTrue: (parcel) =>
        parcel
          .step(
            when({
              id: 'wait-delivery',
              name: 'Wait for the courier',
              on: 'delivery.trigger.status-updated',
              filter: { ...ofThisOrder, status: ['delivered', 'failed'] },
              output: delivery,
              timeout: '30d',
              onTimeout: (late) => late,
            }),
          )
          .step(
            condition({
              id: 'check-delivery',
              name: 'Delivered?',
              predicate: ({ steps }) => steps['wait-delivery']?.status === 'delivered',
              whenFalse: (undelivered) =>
                undelivered
                  .step(openTicket, ({ input, steps }) => ({
                    orderId: input.id,
                    userId: input.userId,
                    reason: 'delivery_failed',
                    subject: ticketSubject(steps['wait-delivery']),
                  }))
                  .step(
                    when({
                      id: 'wait-late-delivery',
                      name: 'Wait for another delivery',
                      on: 'delivery.trigger.status-updated',
                      filter: { ...ofThisOrder, status: 'delivered' },
                      output: delivery,
                      timeout: '30d',
                      onTimeout: end({ id: 'undelivered', name: 'Left to support' }),
                    }),
                  ),
            }),
          ),
    }),
  )
  .step(completeOrder, ({ input }) => ({ orderId: input.id }))
  .step(sendMail('mail-order-completed', 'order-completed'), ({ input }) => ({
    orderId: input.id,
    userId: input.userId,
  }))
  .commit();
