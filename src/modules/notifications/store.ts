/** The only SQL of the notifications module. */
import type { Kysely } from 'kysely';
import { assert } from '../../kernel/errors.ts';
import type { Transaction } from '../../kernel/transaction.ts';
import { readKeysetPage, tables } from '../../postgres/index.ts';
import type { Notification, NotificationStatus } from './notification.ts';
import type { NotificationType } from './templates.ts';

interface NotificationRow {
  id: string;
  type: NotificationType;
  order_id: string;
  user_id: string | null;
  recipient: string;
  subject: string;
  body: string;
  message_id: string;
  status: NotificationStatus;
  failure: string | null;
  created_at: Date;
  sent_at: Date | null;
}

interface NotificationsTables {
  'notifications.notifications': NotificationRow;
}

function toNotification(row: NotificationRow): Notification {
  return {
    id: row.id,
    type: row.type,
    orderId: row.order_id,
    userId: row.user_id,
    recipient: row.recipient,
    subject: row.subject,
    text: row.body,
    messageId: row.message_id,
    status: row.status,
    failure: row.failure,
    createdAt: row.created_at,
    sentAt: row.sent_at,
  };
}

/** The notification of this type for this order. */
export async function findNotification(
  tx: Transaction,
  orderId: string,
  type: NotificationType,
): Promise<Notification | undefined> {
  const { rows } = await tx.query<NotificationRow>(
    'select * from notifications.notifications where order_id = $1 and type = $2',
    [orderId, type],
  );
  return rows[0] && toNotification(rows[0]);
}

/** Stores the notification, or gives the one of its order and type that was stored before. */
export async function insertOrFind(tx: Transaction, one: Notification): Promise<Notification> {
  await tx.query(
    `insert into notifications.notifications
       (id, type, order_id, user_id, recipient, subject, body, message_id, status, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
     on conflict (order_id, type) do nothing`,
    [
      one.id,
      one.type,
      one.orderId,
      one.userId,
      one.recipient,
      one.subject,
      one.text,
      one.messageId,
      one.status,
      one.createdAt,
    ],
  );
  const stored = await findNotification(tx, one.orderId, one.type);
  assert(stored, `expected the ${one.type} notification of order ${one.orderId} after storing it`);
  return stored;
}

/** Writes what the mail system made of it; a notification that was settled before stays as it is. */
export async function settleNotification(
  tx: Transaction,
  notificationId: string,
  outcome: { status: 'sent' | 'failed'; failure: string | null; at: Date },
): Promise<Notification> {
  await tx.query(
    `update notifications.notifications set
       status = $2, failure = $3, sent_at = case when $2 = 'sent' then $4::timestamptz end
     where id = $1 and status = 'stored'`,
    [notificationId, outcome.status, outcome.failure, outcome.at],
  );
  const { rows } = await tx.query<NotificationRow>(
    'select * from notifications.notifications where id = $1',
    [notificationId],
  );
  assert(rows[0], `expected notification ${notificationId}, found none`);
  return toNotification(rows[0]);
}

/** Which notifications a list shows. */
export interface NotificationFilter {
  readonly userId?: string | undefined;
  readonly orderId?: string | undefined;
  readonly type?: NotificationType | undefined;
  readonly status?: NotificationStatus | undefined;
}

function filtered(db: Kysely<NotificationsTables>, filter: NotificationFilter) {
  const { userId, orderId, type, status } = filter;
  let query = db.selectFrom('notifications.notifications');
  if (userId !== undefined) query = query.where('user_id', '=', userId);
  if (orderId !== undefined) query = query.where('order_id', '=', orderId);
  if (type !== undefined) query = query.where('type', '=', type);
  if (status !== undefined) query = query.where('status', '=', status);
  return query;
}

/** One page of notifications, newest first, with one row more than `limit`, and the capped count. */
export async function readNotificationPage(
  tx: Transaction,
  options: { filter: NotificationFilter; afterId: string | undefined; limit: number },
): Promise<{ notifications: Notification[]; counted: number }> {
  const { filter, afterId: after, limit } = options;
  const rows = filtered(tables<NotificationsTables>(tx), filter);
  const page = { rows, by: 'id', after, limit };
  const { found, counted } = await readKeysetPage(tx, page, (one) => one.selectAll());
  return { notifications: found.map(toNotification), counted };
}
