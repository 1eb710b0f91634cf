/** The event log as a module: its tables, and the procedures by which people see and steer it. */
import { defineModule, type ModuleDefinition } from '../../kernel/module.ts';
import type { EventLog } from '../event-log.ts';
import { deadLetterProcedures } from './dead-letter-procedures.ts';
import { consumerGroupNotFound, consumerGroupOwned, deadLetterNotFound } from './errors.ts';
import { eventProcedures } from './event-procedures.ts';
import { groupProcedures } from './group-procedures.ts';

/** The manifest. The log is looked up when a procedure runs, since it is made after the manifests. */
export function eventsModule(parts: { readonly eventLog: () => EventLog }): ModuleDefinition {
  return defineModule({
    name: 'events',
    summary: 'The event log: looking at it, following it, and the consumer groups that read it',
    schema: 'events',
    migrations: new URL('../migrations/', import.meta.url),
    procedures: [
      ...eventProcedures(parts.eventLog),
      ...groupProcedures(parts.eventLog),
      ...deadLetterProcedures(parts.eventLog),
    ],
    events: [],
    errors: [consumerGroupNotFound, consumerGroupOwned, deadLetterNotFound],
  });
}
