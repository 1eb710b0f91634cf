/** The public face of telemetry: logs, metrics and spans. */
export {
  createLogger,
  type Logger,
  type LogLevel,
  logLevels,
} from './logger.ts';
export { createMetrics, type GaugeReading, type Metrics } from './metrics.ts';
export type { LogDestination } from './pretty-lines.ts';
export { redact } from './redact.ts';
export { startTelemetry, type Telemetry } from './start-telemetry.ts';
