/** What a notification is, and how it is shown. */
import { z } from 'zod';
import { idSchema } from '../../kernel/ids.ts';
import { type NotificationType, notificationTypes } from './templates.ts';

/**
 * - `stored`: written down; not sent yet, or never, when no mail system is configured.
 * - `sent`: the mail system took it.
 * - `failed`: the mail system will never take it.
 */
export const notificationStatuses = ['stored', 'sent', 'failed'] as const;
/** One of the statuses. */
export type NotificationStatus = (typeof notificationStatuses)[number];

/** A notification as the module works with it. */
export interface Notification {
  readonly id: string;
  readonly type: NotificationType;
  readonly orderId: string;
  readonly userId: string | null;
  readonly recipient: string;
  readonly subject: string;
  readonly text: string;
  readonly messageId: string;
  readonly status: NotificationStatus;
  readonly failure: string | null;
  readonly createdAt: Date;
  readonly sentAt: Date | null;
}

/** A notification as its readers see it. */
export const notificationSchema = z.object({
  id: idSchema,
  type: z.enum(notificationTypes),
  orderId: idSchema,
  userId: idSchema.nullable(),
  to: z.string(),
  subject: z.string(),
  text: z.string(),
  messageId: z.string().describe('The Message-ID of the mail; the same each time it is sent'),
  status: z.enum(notificationStatuses),
  failure: z.string().nullable(),
  createdAt: z.iso.datetime(),
  sentAt: z.iso.datetime().nullable(),
});

/** The notification as the API shows it. */
export function notificationView(one: Notification): z.input<typeof notificationSchema> {
  const { recipient, createdAt, sentAt, ...same } = one;
  return {
    ...same,
    to: recipient,
    createdAt: createdAt.toISOString(),
    sentAt: sentAt?.toISOString() ?? null,
  };
}
