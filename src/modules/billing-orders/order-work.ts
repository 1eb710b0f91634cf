/** Steps that read and write the order in the operator's domain, and accounts in both places. */
import { z } from 'zod';
import { assert, refuse } from '../../kernel/errors.ts';
import type { Procedure } from '../../kernel/procedure.ts';
import { lineSchema, promotionSchema } from './billing-order.ts';
import { accountCreationError, billingOrderNotFound, orderContradicts } from './errors.ts';
import { outsideWork, refusedBy } from './outside-work.ts';
import type { BillingSystems } from './provider.ts';
import { billingOrderId, isStartedFor, notStarted } from './started-for.ts';
import { changeOrder, findOrder, insertLines, lockOrder } from './store.ts';

const order = z.object({ orderId: z.string() });
const account = order.extend({ accountId: z.string() });
const accountRef = z.object({
  amdocsAccountRef: z.string(),
  created: z.boolean().describe('False: it was there before'),
});

/** The procedures. */
export function orderWork(systems: BillingSystems): readonly Procedure[] {
  return [
    outsideWork(systems, {
      name: 'billing-orders.load-order',
      summary: "Load an order from the operator's domain",
      system: 'ds-mvno-order',
      step: 'LOAD_ORDER',
      input: order.extend({
        billingOrderId,
        accountId: z.string().nullable().describe('Null: that of the domain'),
        isChangeOrder: z.boolean(),
      }),
      output: account.extend({
        customerId: z.string(),
        originalOrderId: z.string().nullable(),
        lines: z.array(lineSchema),
        promotions: z.array(promotionSchema),
        shipping: z.object({ address: z.string(), method: z.enum(['STANDARD', 'OVERNIGHT']) }),
      }),
      errors: [billingOrderNotFound, orderContradicts],
      async execute({ orders }, input, call, context) {
        const { orderId, accountId, isChangeOrder } = input;
        const known = await context.transaction(({ tx }) => findOrder(tx, orderId));
        if (!isStartedFor(known, input)) return notStarted(orderId);
        const found = await orders.getOrder(orderId, call);
        if (!found) {
          return refuse(
            billingOrderNotFound,
            `Expected an order of the operator's domain, found none with id ${orderId}.`,
          );
        }
        const isChange = found.orderType === 'CHANGE' && found.originalOrderId !== undefined;
        const isOther = accountId !== null && found.accountId !== accountId;
        if (isOther || isChange !== isChangeOrder) {
          return refuse(
            orderContradicts,
            `Expected ${isChangeOrder ? 'a change' : 'an order of new lines'} of account ${accountId ?? found.accountId}, found ` +
              `${orderId} to be ${isChange ? 'a change' : 'an order of new lines'} of account ${found.accountId}.`,
          );
        }
        const { customerId, originalOrderId = null, lineItems, promotions, shipping } = found;
        return {
          ...{ orderId, accountId: found.accountId, customerId, originalOrderId, shipping },
          lines: [...lineItems],
          promotions: [...promotions],
        };
      },
      async record(context, { orderId }, loaded) {
        const known = await lockOrder(context.tx, orderId);
        assert(known, `expected billing order ${orderId}, found none`);
        await insertLines(context.tx, orderId, loaded.lines);
        if (known.status !== 'CREATED') return;
        const { accountId, customerId, originalOrderId, promotions } = loaded;
        // Somebody may have changed it already: that is news, what the domain has is older.
        const shipping = known.shipping ?? loaded.shipping;
        await changeOrder(context, known, {
          ...{ accountId, customerId, originalOrderId, promotions, shipping },
          status: 'IN_PROGRESS',
        });
      },
    }),

    outsideWork(systems, {
      name: 'billing-orders.find-account',
      summary: "Look whether the operator's domain has the account",
      system: 'ds-mvno-account',
      step: 'CREATE_ACCOUNT',
      input: account,
      output: z.object({ exists: z.boolean(), amdocsAccountRef: z.string().nullable() }),
      errors: [],
      async execute({ accounts }, { accountId }, call) {
        const found = await accounts.getAccount(accountId, call);
        const exists = found?.status === 'ACTIVE';
        return { exists, amdocsAccountRef: exists ? found.amdocsRef : null };
      },
    }),

    outsideWork(systems, {
      name: 'billing-orders.create-biller-account',
      summary: 'Open the account with the biller, or adopt the one that is there',
      system: 'mbos-billing',
      input: account.extend({ customerId: z.string() }),
      output: accountRef,
      errors: [accountCreationError],
      async execute({ mbos }, { accountId, customerId }, call) {
        const opened = await mbos.createAccount(
          { accountId, customerId, billingMode: 'MONTHLY', billingCycle: '01' },
          call,
        );
        if (opened.status === 'done') {
          return { amdocsAccountRef: opened.value.accountReference, created: true };
        }
        const there =
          opened.code === 'ACCOUNT_EXISTS' ? await mbos.getAccount(accountId, call) : null;
        if (there?.customerId === customerId) {
          return { amdocsAccountRef: there.accountReference, created: false };
        }
        return refusedBy(accountCreationError, opened);
      },
      async reconcile({ mbos }, { accountId, customerId }, call) {
        const there = await mbos.getAccount(accountId, call);
        if (there?.customerId !== customerId) return null;
        return { amdocsAccountRef: there.accountReference, created: true };
      },
      async record(context, { orderId }, { amdocsAccountRef, created: accountCreated }) {
        const known = await lockOrder(context.tx, orderId);
        if (known) await changeOrder(context, known, { amdocsAccountRef, accountCreated });
      },
    }),

    outsideWork(systems, {
      name: 'billing-orders.sync-account',
      summary: "Keep the biller's account in the operator's domain",
      system: 'ds-mvno-account',
      input: account.extend({ customerId: z.string(), amdocsAccountRef: z.string() }),
      output: account,
      errors: [accountCreationError],
      async execute({ accounts }, { orderId, accountId, customerId, amdocsAccountRef }, call) {
        const kept = await accounts.createAccount(
          { accountId, customerId, amdocsRef: amdocsAccountRef, status: 'ACTIVE' },
          call,
        );
        const isThere = kept.status === 'done' || kept.code === 'ACCOUNT_EXISTS';
        return isThere ? { orderId, accountId } : refusedBy(accountCreationError, kept);
      },
    }),

    outsideWork(systems, {
      name: 'billing-orders.remove-account',
      summary: 'Close an account that has no order left, and void it in the domain',
      system: 'mbos-billing',
      input: account.extend({
        created: z.boolean().optional().describe('False: it stays. Absent: as the order remembers'),
      }),
      output: z.object({ closed: z.boolean() }),
      errors: [accountCreationError],
      async execute({ mbos, accounts }, { orderId, accountId, created }, call, context) {
        const wasCreated =
          created ??
          (await context.transaction(async ({ tx }) => await findOrder(tx, orderId)))
            ?.accountCreated;
        if (!wasCreated) return { closed: false };
        const closed = await mbos.deleteAccount(accountId, call);
        if (closed.status === 'refused' && closed.code === 'ACCOUNT_IN_USE')
          return { closed: false };
        if (closed.status === 'refused') return refusedBy(accountCreationError, closed);
        const voided = await accounts.updateAccount(accountId, { status: 'VOID' }, call);
        return voided.status === 'done'
          ? { closed: true }
          : refusedBy(accountCreationError, voided);
      },
    }),

    outsideWork(systems, {
      name: 'billing-orders.sync-order',
      summary: "Tell the operator's domain how far an order is",
      system: 'ds-mvno-order',
      step: 'SYNC_ORDER',
      input: order.extend({
        status: z.enum(['IN_PROGRESS', 'COMPLETED', 'FAILED', 'CANCELLED']),
        amdocsOrderRef: z.string().nullish().describe('Null for a change, which has none'),
        reason: z.string().max(1_000).nullish(),
      }),
      output: z.object({ told: z.boolean().describe('False: the domain has no such order') }),
      errors: [],
      async execute({ orders }, { orderId, status, amdocsOrderRef, reason }, call) {
        const told = await orders.updateOrder(
          orderId,
          {
            status,
            ...(typeof amdocsOrderRef === 'string' ? { amdocsOrderRef } : {}),
            ...(typeof reason === 'string' ? { reason } : {}),
          },
          call,
        );
        return { told: told.status === 'done' };
      },
    }),
  ];
}
