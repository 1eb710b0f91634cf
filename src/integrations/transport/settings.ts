/**
 * The settings of every call to an outside system: how long to wait, how often to try, and when to
 * stop trying for a while. Numbers with units in their names, all with defaults that fit a system
 * on the Internet; a process step allows ten seconds by default, and three attempts fit into that.
 */
import { z } from 'zod';

const count = z.coerce.number().int();

/** Retries: exponential backoff with full jitter. */
export const retrySettings = z.object({
  /** Attempts in all; 1 turns retries off. @defaultValue 3 */
  attempts: count.min(1).max(20).default(3),
  /** Upper bound of the first pause; it doubles with each further one. @defaultValue 100 */
  baseDelayMs: count.min(0).max(60_000).default(100),
  /** Upper bound of every pause. @defaultValue 1000 */
  maxDelayMs: count.min(0).max(600_000).default(1_000),
});
/** Checked and complete. */
export type RetrySettings = z.output<typeof retrySettings>;

/** The circuit breaker: opens when too many calls of a time window fail. */
export const breakerSettings = z.object({
  /** Fewer calls than this in the window never open it. @defaultValue 20 */
  volumeThreshold: count.min(1).default(20),
  /** It opens when more than this part of the calls failed. @defaultValue 50 */
  errorPercentage: count.min(1).max(100).default(50),
  /** After this long one call is let through to see. @defaultValue 5000 */
  halfOpenAfterMs: count.min(1).max(600_000).default(5_000),
  /** How far back calls are counted. @defaultValue 10000 */
  windowMs: count.min(100).max(600_000).default(10_000),
});
/** Checked and complete. */
export type BreakerSettings = z.output<typeof breakerSettings>;

/** What a client over HTTP needs to know of the system that it calls. */
export const httpSettings = z.object({
  /** Where the system is, e.g. `https://api.example.com/v1`. */
  baseUrl: z.url({ protocol: /^https?$/, error: 'expected an http or https URL' }),
  /** Sent as `Authorization: Bearer`. Secret. */
  apiKey: z.string().min(1, 'expected the API key, found an empty text'),
  /** Longest time of one attempt, from connecting to the last byte. @defaultValue 2500 */
  timeoutMs: count.min(1).max(600_000).default(2_500),
  /** Longest time of connecting. @defaultValue 1000 */
  connectTimeoutMs: count.min(1).max(600_000).default(1_000),
  /** Connections kept open to the system; further calls wait. @defaultValue 64 */
  maxConnections: count.min(1).max(1_000).default(64),
  retry: retrySettings.prefault({}),
  breaker: breakerSettings.prefault({}),
});
/** Checked and complete. */
export type HttpSettings = z.output<typeof httpSettings>;
