/** The public face of the trace-events module. */
export { traceEventsModule } from './module.ts';
export { recordTraceEvents } from './record-trace-events.ts';
