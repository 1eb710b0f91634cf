/** The public face of the notifications module. */
export { notificationsModule } from './module.ts';
export { notificationSchema } from './notification.ts';
export type { NotificationsOptions, Recipient, UsersPort } from './ports.ts';
export { type NotificationType, notificationTypes } from './templates.ts';
