/** Steps that deal with money: promotions, the first payment, taking both back. */
import { z } from 'zod';
import { assert } from '../../kernel/errors.ts';
import { add, parseMoney, subtract, toWire, zero } from '../../kernel/money.ts';
import { defineTransactional, type Procedure } from '../../kernel/procedure.ts';
import {
  type Billing,
  billingCurrency,
  billingSchema,
  billingView,
  creditReference,
  lineSchema,
  paymentReference,
  promotionSchema,
} from './billing-order.ts';
import { paymentError, promotionError } from './errors.ts';
import { outsideWork, partOf, refusedBy } from './outside-work.ts';
import type { BillingSystems } from './provider.ts';
import { changeOrder, lockOrder } from './store.ts';

const account = z.object({ orderId: z.string(), accountId: z.string() });
const qualified = promotionSchema.extend({
  eligible: z.boolean(),
  reason: z.string(),
});

function amountOf(value: number) {
  const read = parseMoney(value, billingCurrency);
  assert(read, `expected an amount in ${billingCurrency}, found ${value}`);
  return read;
}

/** What the lines cost and what the promotions take off; never less than nothing. */
export function billingOf(
  lines: readonly { readonly monthlyCharge: number }[],
  promotions: readonly { readonly discount: number }[],
): Billing {
  const nothing = zero(billingCurrency);
  const monthlyCharges = lines.reduce(
    (sum, line) => add(sum, amountOf(line.monthlyCharge)),
    nothing,
  );
  const off = promotions.reduce((sum, { discount }) => add(sum, amountOf(discount)), nothing);
  const credit = off.minor > monthlyCharges.minor ? monthlyCharges : off;
  return {
    monthlyCharges,
    promotionalCredit: subtract(nothing, credit),
    totalDue: subtract(monthlyCharges, credit),
  };
}

/** The procedures. */
export function paymentWork(systems: BillingSystems): readonly Procedure[] {
  return [
    outsideWork(systems, {
      name: 'billing-orders.qualify-promotion',
      summary: 'Look whether a promotion goes with one of the plans',
      system: 'matrix-connector',
      step: 'APPLY_PROMOTIONS',
      input: account.extend({ promotion: promotionSchema, lines: z.array(lineSchema) }),
      output: qualified,
      errors: [],
      async execute({ matrix }, { promotion, lines }, call) {
        let reason = 'no plan goes with it';
        for (const plan of new Set(lines.map((line) => line.plan))) {
          const { promoCode } = promotion;
          const row = await matrix.queryBillingMatrix({ plan, promoCode }, call);
          const { discount } = row ?? {};
          if (row?.eligible && discount !== undefined) {
            return { promoCode, discount, eligible: true, reason: '' };
          }
          reason = row?.reason ?? reason;
        }
        return { ...promotion, eligible: false, reason };
      },
    }),

    outsideWork(systems, {
      name: 'billing-orders.apply-promotion',
      summary: 'Give the account the credit of a promotion',
      system: 'mvno-payment',
      input: account.extend({ promotion: promotionSchema }),
      output: z.object({ reference: z.string() }),
      errors: [promotionError],
      async execute({ payments }, { orderId, accountId, promotion }, call) {
        const { promoCode, discount: amount } = promotion;
        const reference = creditReference(orderId, promoCode);
        const given = await payments.applyCredit(
          { reference, orderId, accountId, promoCode, amount, currency: billingCurrency },
          call,
        );
        return given.status === 'done' ? { reference } : refusedBy(promotionError, given);
      },
      async reconcile({ payments }, { orderId, promotion: { promoCode } }, call) {
        const reference = creditReference(orderId, promoCode);
        const known = await payments.getPayment(reference, call);
        return known?.status === 'CREDITED' ? { reference } : null;
      },
    }),

    defineTransactional({
      name: 'billing-orders.price-order',
      summary: 'Write down what an order costs each month, and what is due at first',
      input: z.object({
        orderId: z.string(),
        lines: z.array(lineSchema),
        promotions: z.array(qualified),
      }),
      output: billingSchema,
      access: ['service'],
      errors: [],
      async execute(context, { orderId, lines, promotions }) {
        const order = await lockOrder(context.tx, orderId);
        assert(order, `expected billing order ${orderId}, found none`);
        const given = promotions.filter(({ eligible }) => eligible);
        const billing = billingOf(lines, given);
        await changeOrder(context, order, { billing });
        return billingView(billing);
      },
    }),

    outsideWork(systems, {
      name: 'billing-orders.take-payment',
      summary: 'Take what is due at first',
      system: 'mvno-payment',
      step: 'TAKE_PAYMENT',
      input: account.extend({
        totalDue: z.number().min(0),
      }),
      output: z.object({ reference: z.string() }),
      errors: [paymentError],
      async execute({ orders, payments }, { orderId, accountId, totalDue }, call) {
        const reference = paymentReference(orderId);
        if (totalDue === 0) return { reference };
        // Read here, so that the token stands in no process's variables or history.
        const payment = (await orders.getOrder(orderId, call))?.payment;
        if (!payment) {
          const message = 'the domain has the order no longer';
          return refusedBy(paymentError, { status: 'refused', code: 'ORDER_GONE', message });
        }
        const method = await payments.validatePaymentMethod(
          { accountId, ...payment },
          partOf(call, 'method'),
        );
        if (method.status === 'refused') return refusedBy(paymentError, method);
        if (!method.value.valid) {
          const message = method.value.reason ?? 'the payment method cannot be used';
          return refusedBy(paymentError, {
            ...{ status: 'refused', code: 'PAYMENT_METHOD_INVALID', message },
          });
        }
        const paid = await payments.processPayment(
          {
            ...{ reference, orderId, accountId, amount: toWire(amountOf(totalDue)) },
            ...{ currency: billingCurrency, token: payment.token },
          },
          call,
        );
        return paid.status === 'done' ? { reference } : refusedBy(paymentError, paid);
      },
      async reconcile({ payments }, { orderId }, call) {
        const reference = paymentReference(orderId);
        const known = await payments.getPayment(reference, call);
        return known?.status === 'PROCESSED' ? { reference } : null;
      },
    }),

    outsideWork(systems, {
      name: 'billing-orders.reverse-payments',
      summary: 'Give payments back, and take credits back',
      system: 'mvno-payment',
      input: z.object({ orderId: z.string(), references: z.array(z.string()).max(1_001) }),
      output: z.object({ reversed: z.number().int() }),
      errors: [paymentError],
      async execute({ payments }, { references }, call) {
        let reversed = 0;
        for (const reference of references) {
          const back = await payments.reversalPayment(reference, partOf(call, reference));
          if (back.status === 'refused') return refusedBy(paymentError, back);
          if (back.value) reversed += 1;
        }
        return { reversed };
      },
    }),
  ];
}
