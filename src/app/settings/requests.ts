/** What is taken in over HTTP, and how much of it. */
import { setting } from './setting.ts';
import { list, onOrOff, whole } from './value-shapes.ts';

/** Settings of requests, by environment variable. */
export const requests = {
  CORS_ORIGINS: setting({
    summary: 'Origins of pages that may read answers, separated by commas',
    schema: list.optional(),
    otherwise: 'none but our own',
  }),
  RATE_LIMIT: setting({
    summary: 'Requests per minute and address; 0 is no limit',
    schema: whole(0, 10_000_000).optional(),
    otherwise: '600; in demo mode no limit',
  }),
  BODY_LIMIT: setting({
    summary: 'Largest request body in bytes; a deployment may be larger: 40 MB',
    schema: whole(1_024, 100_000_000).default(1_048_576),
  }),
  TRUST_PROXY: setting({
    summary: 'Believe X-Forwarded-* headers of a proxy in front',
    schema: onOrOff.default('off'),
  }),
  OVERLOAD_JOB_WAIT_MS: setting({
    summary:
      'Turn new work away (503) while steps wait longer than this for a place, in milliseconds',
    schema: whole(1_000, 3_600_000).default(60_000),
  }),
} as const;
