/**
 * The program's log: one JSON object a line on standard output, or a readable line for a person at a
 * terminal. Every line passes `redact`, so a careless field cannot write a secret.
 */
import { type Logger as PinoLogger, pino } from 'pino';
import type { Log } from '../kernel/procedure.ts';
import { type LogDestination, prettyLines } from './pretty-lines.ts';
import { redact } from './redact.ts';

/** Least important level that is written. */
export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** A log whose children carry fixed fields on every line. */
export interface Logger extends Log {
  child(fields: Readonly<Record<string, unknown>>): Logger;
}

/** Makes the program's log. */
export function createLogger(options: {
  readonly level: LogLevel;
  /** Readable lines instead of JSON. */
  readonly pretty: boolean;
  /** @defaultValue standard output */
  readonly destination?: LogDestination;
}): Logger {
  const out = options.destination ?? process.stdout;
  const root = pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => redact(fields) as Record<string, unknown>,
      },
      // Errors are turned into data by `redact`, under whatever name they are logged.
      serializers: {},
    },
    options.pretty ? prettyLines(out) : out,
  );
  return wrap(root);
}

/** pino redacts no fields of a child, so they are redacted on their way in. */
function wrap(inner: PinoLogger): Logger {
  return {
    debug: (fields, message) => inner.debug(fields, message),
    info: (fields, message) => inner.info(fields, message),
    warn: (fields, message) => inner.warn(fields, message),
    error: (fields, message) => inner.error(fields, message),
    child: (fields) => wrap(inner.child(redact(fields) as Record<string, unknown>)),
  };
}
