/** What the notifications module offers, as data: who may call what, where, and what answers. */
import { z } from 'zod';
import { mayAccessUserData } from '../../kernel/caller.ts';
import { isRefusal, refuse } from '../../kernel/errors.ts';
import { idSchema } from '../../kernel/ids.ts';
import { cursorValue, pageOf, pageQueryBy, toPage } from '../../kernel/page.ts';
import { defineExternal, defineRead, type Procedure } from '../../kernel/procedure.ts';
import * as errors from './errors.ts';
import { notificationSchema, notificationStatuses, notificationView } from './notification.ts';
import type { NotificationsOptions } from './ports.ts';
import { sendNotification } from './send-notification.ts';
import { readNotificationPage } from './store.ts';
import { notificationTypes } from './templates.ts';

function sendProcedure(options: NotificationsOptions) {
  return defineExternal({
    name: 'notifications.send',
    summary: 'Tell somebody about an order',
    description:
      'An order has one notification of each type: asking again gives the same one. Without a mail ' +
      'system it is only stored.',
    input: z.object({
      type: z.enum(notificationTypes),
      orderId: idSchema,
      userId: idSchema.optional().describe('Whose address is used when `to` is absent'),
      to: z.email().max(254).optional(),
      data: z.record(z.string(), z.unknown()).default({}).describe('The facts for the text'),
    }),
    output: notificationSchema,
    access: ['service', 'admin'],
    http: { method: 'POST', path: '/notifications', status: 201 },
    limits: { system: 'mail' },
    errors: [errors.recipientUnknown, errors.notificationDataInvalid],
    async execute(context, input) {
      const notification = await sendNotification(context, options, input);
      return isRefusal(notification) ? notification : notificationView(notification);
    },
  });
}

const listProcedure = defineRead({
  name: 'notifications.list',
  summary: 'List notifications, newest first',
  description: 'Users see their own, staff see all.',
  input: pageQueryBy([idSchema]).extend({
    userId: idSchema.optional(),
    orderId: idSchema.optional(),
    type: z.enum(notificationTypes).optional(),
    status: z.enum(notificationStatuses).optional(),
  }),
  output: pageOf(notificationSchema),
  access: 'authenticated',
  http: { method: 'GET', path: '/notifications' },
  errors: [errors.notificationForbidden],
  async execute({ tx, caller }, { limit, cursor, ...filter }) {
    const nobody = '00000000-0000-0000-0000-000000000000';
    const own = mayAccessUserData(caller, nobody) ? undefined : (caller.userId ?? nobody);
    const userId = filter.userId?.toLowerCase() ?? own;
    if (userId !== undefined && !mayAccessUserData(caller, userId))
      return refuse(
        errors.notificationForbidden,
        'Expected the own userId or none, found another one. Only staff see those of others.',
      );
    const { notifications, counted } = await readNotificationPage(tx, {
      filter: { ...filter, userId },
      afterId: cursorValue(cursor),
      limit,
    });
    return toPage({
      rows: notifications,
      limit,
      counted,
      cursorOf: (one) => [one.id],
      itemOf: notificationView,
    });
  },
});

/** Every procedure of the module. */
export function notificationsProcedures(options: NotificationsOptions): readonly Procedure[] {
  return [sendProcedure(options), listProcedure];
}
