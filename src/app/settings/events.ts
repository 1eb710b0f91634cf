/** The event log, who follows it, and the webhooks that tell of it. */
import { setting } from './setting.ts';
import { onOrOff, whole } from './value-shapes.ts';

/** Settings of events and outgoing webhooks, by environment variable. */
export const events = {
  EVENT_RETENTION_DAYS: setting({
    summary:
      'Events older than this leave the log, unless a consumer group still needs them; 0: never',
    schema: whole(0, 36_500).default(90),
  }),
  EVENT_STREAM_LIMIT: setting({
    summary:
      'Most event streams (`GET /api/v1/events`) open on a node at the same time; half of them for customers',
    schema: whole(0, 100_000).default(200),
  }),
  WEBHOOK_PRIVATE_TARGETS: setting({
    summary: 'Allow outgoing webhooks to this machine and its network, and over plain http',
    schema: onOrOff.optional(),
    otherwise: 'on in demo mode, else off',
  }),
  WEBHOOK_CONCURRENCY: setting({
    summary: 'Outgoing webhooks under way at the same time on a node',
    schema: whole(1, 1_000).default(32),
  }),
  WEBHOOK_TIMEOUT_MS: setting({
    summary: 'How long the receiver of an outgoing webhook may take to answer, in milliseconds',
    schema: whole(100, 120_000).default(10_000),
  }),
  WEBHOOK_DISABLE_AFTER_HOURS: setting({
    summary: 'A webhook subscription that has failed for so long is switched off',
    schema: whole(1, 8_760).default(72),
  }),
} as const;
