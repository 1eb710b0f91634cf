/** Tickets: opened once per order and reason, listed, closed once. */
import { expect, test } from 'vitest';
import {
  callProcedure,
  fixedClock,
  migrationsOf,
  mustRefuse,
  mustSucceed,
  userCaller,
} from '../../../test/support/context.ts';
import { testDatabase } from '../../../test/support/database.ts';
import { isRefusal } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import { supportModule } from './module.ts';
import { closeTicketProcedure, listTicketsProcedure, openTicketProcedure } from './procedures.ts';

const { database } = await testDatabase({ migrations: migrationsOf(supportModule()) });
const agentId = newId();
const agent = userCaller(agentId, 'support');
const clock = fixedClock();
const now = clock.now().toISOString();

function open(orderId = newId(), reason = 'delivery_failed', userId?: string) {
  return callProcedure(
    database,
    openTicketProcedure,
    { orderId, reason, subject: 'The courier came back', ...(userId ? { userId } : {}) },
    { clock },
  );
}

function close(ticketId: string, resolution?: string) {
  return callProcedure(
    database,
    closeTicketProcedure,
    { ticketId, ...(resolution ? { resolution } : {}) },
    { caller: agent, clock },
  );
}

test('a ticket is opened and published; the same reason again answers with it', async () => {
  const orderId = newId();
  const userId = newId();
  const first = await open(orderId, 'delivery_failed', userId);
  expect(first.result).toEqual({
    id: expect.any(String),
    orderId,
    userId,
    subject: 'The courier came back',
    reason: 'delivery_failed',
    status: 'open',
    resolution: null,
    createdAt: now,
    closedAt: null,
    closedBy: null,
  });
  if (isRefusal(first.result)) throw new Error(first.result.detail);
  const { id: ticketId } = first.result;
  expect(first.events).toEqual([
    {
      name: 'support.ticket-opened',
      payload: { ticketId, orderId, userId, reason: 'delivery_failed', openedAt: now },
    },
  ]);
  expect(await open(orderId, 'delivery_failed', userId)).toEqual({
    result: first.result,
    events: [],
  });
  const other = await mustSucceed(open(orderId, 'damaged'));
  expect(other.id).not.toBe(ticketId);
});

test('a ticket reported 10 times at once is opened once', async () => {
  const orderId = newId();
  const outcomes = await Promise.all(Array.from({ length: 10 }, () => open(orderId)));
  expect(outcomes.flatMap(({ events }) => events)).toHaveLength(1);
  expect(new Set(outcomes.map(({ result }) => JSON.stringify(result))).size).toBe(1);
});

test('a ticket is closed once, by one of two who try at once, and stays closed', async () => {
  const orderId = newId();
  const { id } = await mustSucceed(open(orderId));
  const outcomes = await Promise.all([close(id, 'Sent again'), close(id, 'Sent again')]);
  const refusals = outcomes.map(({ result }) => result).filter(isRefusal);
  expect(refusals.map((refusal) => refusal.code)).toEqual(['TICKET_ALREADY_CLOSED']);
  expect(refusals[0]?.data).toEqual({ ticketId: id, closedAt: now });
  expect(outcomes.flatMap(({ events }) => events)).toEqual([
    {
      name: 'support.ticket-closed',
      payload: { ticketId: id, orderId, closedBy: agentId, closedAt: now },
    },
  ]);
  const again = await mustSucceed(open(orderId));
  expect(again).toMatchObject({
    id,
    status: 'closed',
    resolution: 'Sent again',
    closedBy: agentId,
  });
});

test('an unknown ticket is refused', async () => {
  expect((await mustRefuse(close(newId()))).code).toBe('TICKET_NOT_FOUND');
});

test('lists tickets, newest first, by status, order and user, with what the reader may do', async () => {
  const userId = newId();
  const tickets = [];
  for (const reason of ['one', 'two', 'three']) {
    tickets.push(await mustSucceed(open(newId(), reason, userId)));
  }
  await mustSucceed(close(tickets[1]!.id));
  const list = (input: Record<string, unknown>, caller = agent) =>
    mustSucceed(callProcedure(database, listTicketsProcedure, input, { caller }));
  const first = await list({ userId, limit: 2 });
  expect(first.items.map((row) => row.reason)).toEqual(['three', 'two']);
  expect(first.count).toEqual({ value: 3, capped: false });
  const action = 'support.close-ticket';
  expect(first.items.map((row) => row.can)).toEqual([
    [{ action, allowed: true }],
    [{ action, allowed: false, reason: 'The ticket is closed already.' }],
  ]);
  const second = await list({ userId, limit: 2, cursor: first.nextCursor! });
  expect(second.items.map((row) => row.reason)).toEqual(['one']);
  expect(second.nextCursor).toBeNull();
  const opened = await list({ userId, status: 'open' }, userCaller(newId()));
  expect(opened.items.map((row) => row.reason)).toEqual(['three', 'one']);
  expect(opened.items[0]?.can[0]?.allowed).toBe(false);
  expect((await list({ orderId: tickets[0]!.orderId })).count.value).toBe(1);
});
