/** The public face of the trace-events module. */
export { traceEventsModule } from './module.ts';
export { recordTraceEvent } from './record-trace-event.ts';
