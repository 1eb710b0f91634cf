/** Every way in which the notifications module says no. */
import { defineError } from '../../kernel/errors.ts';

/** Nobody to send to: no address was given, and the user has none. */
export const recipientUnknown = defineError({
  code: 'RECIPIENT_UNKNOWN',
  status: 422,
  title: 'There is nobody to send the notification to',
});

/** The text of this type needs other facts. */
export const notificationDataInvalid = defineError({
  code: 'NOTIFICATION_DATA_INVALID',
  status: 422,
  title: 'The facts do not fit the text of the notification',
});

/** The notifications asked for belong to somebody else. */
export const notificationForbidden = defineError({
  code: 'NOTIFICATION_FORBIDDEN',
  status: 403,
  title: 'Only the recipient and staff see a notification',
});

/** All of them, for the manifest. */
export const notificationErrors = [
  recipientUnknown,
  notificationDataInvalid,
  notificationForbidden,
] as const;
