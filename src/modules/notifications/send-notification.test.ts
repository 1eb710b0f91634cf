/** Notifications: one of each type, stored before sent, and readable by whom it concerns. */
import { describe, expect, test } from 'vitest';
import { callProcedure, type TestCall } from '../../../test/support/context.ts';
import { testDatabase } from '../../../test/support/database.ts';
import { buyer, manager, people, stranger } from '../../../test/support/orders.ts';
import { Refusal, RetryableFault } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import { notificationsModule } from './module.ts';
import type { Mail, MailResult, MailTransport } from './provider.ts';
import { notificationTypes, write } from './templates.ts';

/** A mail system that keeps what it was given and answers what a test asks for. */
function scriptedMail() {
  const taken: Mail[] = [];
  let answer: MailResult | 'time-out' = { status: 'accepted' };
  const transport: MailTransport = {
    name: 'scripted',
    async send(mail) {
      taken.push(mail);
      if (answer === 'time-out')
        throw new RetryableFault('MAIL_TIMEOUT', 'no answer', { outcomeUnknown: true });
      return answer;
    },
  };
  const answers = (next: typeof answer) => {
    answer = next;
  };
  return { transport, taken, answers };
}

async function notificationsOnDatabase(mail: MailTransport | null) {
  const manifest = notificationsModule({
    mail,
    users: {
      find: async (_tx, userId) =>
        userId === people.buyer ? { email: 'ada@example.com', name: 'Ada' } : null,
    },
  });
  const { database } = await testDatabase({
    migrations: [{ schema: 'notifications', folder: manifest.migrations! }],
  });
  return async (name: string, input: unknown, more: TestCall = {}) => {
    const procedure = manifest.procedures.find((candidate) => candidate.name === name)!;
    return (await callProcedure(database, procedure, input, more)).result;
  };
}

const confirmed = (orderId: string) => ({
  type: 'order-confirmed',
  orderId,
  userId: people.buyer,
  data: { totalAmount: 99.98, currency: 'USD' },
});

test('is sent to the address of the user, with a text for its type', async () => {
  const mail = scriptedMail();
  const call = await notificationsOnDatabase(mail.transport);
  const orderId = newId();
  const sent = await call('notifications.send', confirmed(orderId));
  expect(sent).toMatchObject({
    type: 'order-confirmed',
    orderId,
    to: 'ada@example.com',
    subject: `Your order ${orderId} is confirmed`,
    status: 'sent',
    sentAt: '2026-03-01T12:00:00.000Z',
  });
  expect(mail.taken).toHaveLength(1);
  expect(mail.taken[0]).toMatchObject({
    to: 'ada@example.com',
    text: `Hello Ada,\n\nyour order ${orderId} over 99.98 USD is confirmed.\n\nOrderloom\n`,
    messageId: sent && typeof sent === 'object' && 'messageId' in sent ? sent.messageId : '',
  });
});

test('is sent once of each type, however often it is asked for', async () => {
  const mail = scriptedMail();
  const call = await notificationsOnDatabase(mail.transport);
  const orderId = newId();
  const first = await call('notifications.send', confirmed(orderId));
  expect(await call('notifications.send', confirmed(orderId))).toEqual(first);
  await call('notifications.send', { ...confirmed(orderId), type: 'order-completed', data: {} });
  expect(mail.taken.map(({ subject }) => subject)).toEqual([
    `Your order ${orderId} is confirmed`,
    `Your order ${orderId} has arrived`,
  ]);
});

test('after a lost answer goes out again under the same message id', async () => {
  const mail = scriptedMail();
  const call = await notificationsOnDatabase(mail.transport);
  const orderId = newId();
  mail.answers('time-out');
  await expect(call('notifications.send', confirmed(orderId))).rejects.toThrow(RetryableFault);
  mail.answers({ status: 'accepted' });
  expect(await call('notifications.send', confirmed(orderId))).toMatchObject({ status: 'sent' });
  expect(mail.taken).toHaveLength(2);
  expect(mail.taken[0]).toEqual(mail.taken[1]);
});

test('that the mail system will never take is kept as failed, and does not stop the process', async () => {
  const mail = scriptedMail();
  const call = await notificationsOnDatabase(mail.transport);
  mail.answers({ status: 'rejected', reason: 'no such mailbox' });
  const failed = await call('notifications.send', confirmed(newId()));
  expect(failed).toMatchObject({ status: 'failed', failure: 'no such mailbox', sentAt: null });
});

test('is only stored without a mail system', async () => {
  const call = await notificationsOnDatabase(null);
  expect(await call('notifications.send', confirmed(newId()))).toMatchObject({ status: 'stored' });
});

test('to nobody, or with facts that its text cannot use, is refused', async () => {
  const call = await notificationsOnDatabase(null);
  const orderId = newId();
  const refusedBy = async (more: object) => {
    const result = await call('notifications.send', { ...confirmed(orderId), ...more });
    return result instanceof Refusal ? result : undefined;
  };
  expect(await refusedBy({ userId: people.stranger })).toMatchObject({ code: 'RECIPIENT_UNKNOWN' });
  expect(await refusedBy({ userId: undefined })).toMatchObject({ code: 'RECIPIENT_UNKNOWN' });
  expect(await refusedBy({ data: { totalAmount: 'much' } })).toMatchObject({
    code: 'NOTIFICATION_DATA_INVALID',
    issues: [{ pointer: '/data/totalAmount' }],
  });
  const given = { ...confirmed(orderId), userId: undefined, to: 'bob@example.com' };
  expect(await call('notifications.send', given)).toMatchObject({ to: 'bob@example.com' });
});

describe('the list', () => {
  test('shows users their own and staff all, by order, type and status', async () => {
    const call = await notificationsOnDatabase(null);
    const orderId = newId();
    await call('notifications.send', confirmed(orderId));
    await call('notifications.send', confirmed(newId()));
    const shownTo = async (caller: typeof buyer, input: object = {}) => {
      const page = (await call('notifications.list', input, { caller })) as { items?: unknown[] };
      return page.items?.length;
    };
    expect(await shownTo(buyer)).toBe(2);
    expect(await shownTo(stranger)).toBe(0);
    expect(await shownTo(manager, { orderId })).toBe(1);
    expect(await shownTo(manager, { type: 'order-completed' })).toBe(0);
    expect(await shownTo(manager, { status: 'stored', limit: 1 })).toBe(1);
    const foreign = { userId: people.buyer };
    expect(await call('notifications.list', foreign, { caller: stranger })).toMatchObject({
      code: 'NOTIFICATION_FORBIDDEN',
    });
  });
});

test('every type has a subject and a text without facts that are optional', () => {
  for (const type of notificationTypes) {
    const written = write(type, { orderId: 'o-1', name: 'Ada' }, {});
    expect(written).toMatchObject({
      subject: expect.stringContaining('o-1'),
      text: expect.stringMatching(/^Hello Ada,\n\n.*o-1/),
    });
    expect(JSON.stringify(written)).not.toMatch(/undefined|null/);
  }
});
