/** The notifications module: what people are told of their orders, once of each kind. */
import { defineModule, type ModuleDefinition } from '../../kernel/module.ts';
import { notificationErrors } from './errors.ts';
import type { NotificationsOptions } from './ports.ts';
import { notificationsProcedures } from './procedures.ts';

/** The manifest. Mails go through the transport, where there is one. */
export function notificationsModule(options: NotificationsOptions): ModuleDefinition {
  return defineModule({
    name: 'notifications',
    summary: 'What people are told of their orders',
    schema: 'notifications',
    migrations: new URL('./migrations/', import.meta.url),
    procedures: notificationsProcedures(options),
    events: [],
    errors: notificationErrors,
  });
}
