/** The public face of telemetry: logs, metrics and spans. */
export {
  childTrace,
  formatTraceparent,
  idOnlyTracing,
  newTrace,
  parseSpanId,
  parseTraceId,
  parseTraceparent,
} from '../kernel/tracing.ts';
export {
  createLogger,
  type Logger,
  type LogLevel,
  logLevels,
} from './logger.ts';
export { createMetrics, type GaugeReading, type Metrics } from './metrics.ts';
export type { LogDestination } from './pretty-lines.ts';
export { redact } from './redact.ts';
export { inSpan, startTelemetry, type Telemetry } from './start-telemetry.ts';
