/**
 * Tells somebody about an order: once of each type, however often it is asked for. It is stored first
 * and sent after; a crash between sending and writing that down sends it again, under the same
 * Message-ID, by which mail systems and readers know it for the same mail.
 */
import type { FieldIssue, Refusal } from '../../kernel/errors.ts';
import { isRefusal, refuse } from '../../kernel/errors.ts';
import type { ExternalContext, TransactionalContext } from '../../kernel/procedure.ts';
import { notificationDataInvalid, recipientUnknown } from './errors.ts';
import type { Notification } from './notification.ts';
import type { NotificationsOptions, Recipient } from './ports.ts';
import { findNotification, insertOrFind, settleNotification } from './store.ts';
import { type NotificationType, write } from './templates.ts';

/** Whom to tell what of which order. */
export interface SendNotificationInput {
  readonly type: NotificationType;
  readonly orderId: string;
  readonly userId?: string | undefined;
  readonly to?: string | undefined;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Every refusal of a notification. */
export type SendNotificationCode = 'RECIPIENT_UNKNOWN' | 'NOTIFICATION_DATA_INVALID';

/** The notification, sent when a mail system is configured. */
export async function sendNotification(
  context: ExternalContext,
  options: NotificationsOptions,
  input: SendNotificationInput,
): Promise<Notification | Refusal<SendNotificationCode>> {
  const stored = await context.transaction((inner) => store(inner, options, input));
  if (isRefusal(stored) || stored.status !== 'stored' || options.mail === null) return stored;
  const { id, messageId, recipient: to, subject, text } = stored;
  const { signal } = context;
  const result = await options.mail.send({ messageId, to, subject, text }, { signal });
  return await context.transaction((inner) =>
    settleNotification(inner.tx, id, {
      status: result.status === 'accepted' ? 'sent' : 'failed',
      failure: result.status === 'accepted' ? null : result.reason,
      at: inner.clock.now(),
    }),
  );
}

async function store(
  context: TransactionalContext,
  options: NotificationsOptions,
  input: SendNotificationInput,
): Promise<Notification | Refusal<SendNotificationCode>> {
  const { type, orderId, userId = null } = input;
  const before = await findNotification(context.tx, orderId, type);
  if (before) return before;
  const recipient = await findRecipient(context, options, input);
  if (isRefusal(recipient)) return recipient;
  const written = write(type, { orderId, name: recipient.name }, input.data);
  if ('issues' in written) return dataInvalid(type, written.issues);
  const id = context.newId();
  return await insertOrFind(context.tx, {
    id,
    type,
    orderId,
    userId,
    recipient: recipient.email,
    ...written,
    messageId: `${id}@${options.messageIdDomain ?? 'orderloom.example'}`,
    status: 'stored',
    failure: null,
    createdAt: context.clock.now(),
    sentAt: null,
  });
}

/** The address that was given, else the user's; the user's name in either case, where there is one. */
async function findRecipient(
  context: TransactionalContext,
  { users }: NotificationsOptions,
  { to, userId }: SendNotificationInput,
): Promise<Recipient | Refusal<'RECIPIENT_UNKNOWN'>> {
  const user = userId === undefined ? null : await users.find(context.tx, userId, context.trace);
  const email = to ?? user?.email;
  if (email !== undefined) return { email, name: user?.name ?? email };
  return refuse(
    recipientUnknown,
    `Expected an address or the id of a user, found ${userId ?? 'neither'}. Add "to" or "userId".`,
    {
      issues: [
        {
          pointer: '/userId',
          expected: 'a user',
          found: userId ?? 'nothing',
          message: 'There is no such user.',
        },
      ],
    },
  );
}

function dataInvalid(
  type: NotificationType,
  found: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[],
): Refusal<'NOTIFICATION_DATA_INVALID'> {
  const issues = found.map(
    ({ path, message }): FieldIssue => ({
      pointer: `/data/${path.map(String).join('/')}`,
      expected: message,
      found: 'something else',
      message,
    }),
  );
  return refuse(
    notificationDataInvalid,
    `Expected the facts that the text of ${type} needs, found wrong ones: ` +
      `${issues.map(({ pointer, message }) => `${pointer} (${message})`).join(', ')}.`,
    { issues },
  );
}
