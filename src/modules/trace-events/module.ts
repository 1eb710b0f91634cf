/** The trace-events module: what was tried, and whether it succeeded. */
import { defineModule, type ModuleDefinition } from '../../kernel/module.ts';
import { listTraceEventsProcedure, purgeTraceEventsProcedure } from './procedures.ts';

/** The manifest. */
export function traceEventsModule(): ModuleDefinition {
  return defineModule({
    name: 'trace-events',
    summary: 'What was tried in the order processing flow, and whether it succeeded',
    schema: 'trace_events',
    migrations: new URL('./migrations/', import.meta.url),
    procedures: [listTraceEventsProcedure, purgeTraceEventsProcedure],
    events: [],
    errors: [],
  });
}
