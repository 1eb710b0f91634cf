/** The program itself: what it is run for, where it listens, how it stops, and what it tells of itself. */
import { z } from 'zod';
import { logLevels } from '../../telemetry/index.ts';
import { setting } from './setting.ts';
import { onOrOff, url, whole } from './value-shapes.ts';

/** Settings of the process itself, by environment variable. */
export const program = {
  PORT: setting({ summary: 'Port to listen on', schema: whole(1, 65_535).default(3001) }),
  HOST: setting({
    summary: 'Address to listen on',
    schema: z
      .string()
      .min(1, 'expected an address such as 127.0.0.1 or 0.0.0.0')
      .default('127.0.0.1'),
  }),
  NODE_ENV: setting({
    summary: '`production` turns demo mode off',
    schema: z
      .enum(['development', 'test', 'production'], {
        error: 'expected development, test or production',
      })
      .default('development'),
  }),
  ORDERLOOM_DEMO: setting({
    summary: 'Demo mode: requests without credentials act as demo users, webhooks may be unsigned',
    schema: onOrOff.optional(),
    otherwise: 'on, unless DATABASE_URL, another HOST or NODE_ENV=production says that it is real',
  }),
  ORDERLOOM_SANDBOXES: setting({
    summary: 'Start sandboxes of the outside systems that have no URL',
    schema: onOrOff.optional(),
    otherwise: 'on in demo mode',
  }),
  SHUTDOWN_GRACE_MS: setting({
    summary: 'How long requests and steps may take to finish after SIGTERM, in milliseconds',
    schema: whole(0, 600_000).default(10_000),
  }),
  LOG_LEVEL: setting({
    summary: 'Least important log lines that are written',
    schema: z.enum(logLevels, { error: `expected one of ${logLevels.join(', ')}` }).optional(),
    otherwise: 'warn in demo mode at a terminal, else info',
  }),
  LOG_FORMAT: setting({
    summary: 'Log lines for people or for programs',
    schema: z.enum(['pretty', 'json'], { error: 'expected pretty or json' }).optional(),
    otherwise: 'pretty at a terminal, else json',
  }),
  OTEL_EXPORTER_OTLP_ENDPOINT: setting({
    summary: 'OpenTelemetry collector that spans are sent to (OTLP over HTTP)',
    schema: url('http', 'https').optional(),
    otherwise: 'spans are not sent',
  }),
} as const;
