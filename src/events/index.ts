/** The public face of events. */
export { createOutbox, type EventSubscriber, type Outbox } from './outbox.ts';

/** The migrations of the event log. */
export const eventMigrations = {
  schema: 'events',
  folder: new URL('./migrations/', import.meta.url),
} as const;
