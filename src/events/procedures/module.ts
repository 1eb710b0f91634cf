/** The event log as a module: its tables, and the procedures by which people see and steer it. */
import { defineModule, type ModuleDefinition } from '../../kernel/module.ts';
import { deadLetterProcedures } from './dead-letter-procedures.ts';
import {
  consumerGroupNotFound,
  consumerGroupOwned,
  deadLetterNotFound,
  eventNotForCaller,
  eventPositionAhead,
  eventUnknown,
} from './errors.ts';
import { type EventProcedureParts, eventProcedures } from './event-procedures.ts';
import { groupProcedures } from './group-procedures.ts';

/**
 * The manifest. The log and the events of all modules are looked up when a procedure runs, since they are
 * known after the manifests.
 */
export function eventsModule(parts: EventProcedureParts): ModuleDefinition {
  return defineModule({
    name: 'events',
    summary: 'The event log: looking at it, following it, and the consumer groups that read it',
    schema: 'events',
    migrations: new URL('../migrations/', import.meta.url),
    procedures: [
      ...eventProcedures(parts),
      ...groupProcedures(parts.eventLog),
      ...deadLetterProcedures(parts.eventLog),
    ],
    events: [],
    errors: [
      consumerGroupNotFound,
      consumerGroupOwned,
      deadLetterNotFound,
      eventNotForCaller,
      eventPositionAhead,
      eventUnknown,
    ],
  });
}
