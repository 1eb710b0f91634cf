/**
 * Takes secrets out of objects before they are written anywhere. Fields are judged by their name, at
 * any depth; passwords inside connection URLs are masked in any text. What comes out is plain JSON
 * data: errors, bigints, dates and circles are turned into something that can be written.
 */
import { isSecretName, redacted } from '../kernel/secrets.ts';

/** Deeper than this, a value is only named by its type; no honest log line is that deep. */
const deepest = 8;
const mostEntries = 200;

/** A copy of the value without secrets, safe to log. Never throws. */
export function redact(value: unknown): unknown {
  return copy(value, 0);
}

function copy(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return maskUrl(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'function' || typeof value === 'symbol') return `[${typeof value}]`;
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Uint8Array) return `[${value.byteLength} bytes]`;
  if (depth >= deepest) return Array.isArray(value) ? '[array]' : '[object]';
  if (value instanceof Error) return copyError(value, depth);
  if (Array.isArray(value)) {
    return value.slice(0, mostEntries).map((entry) => copy(entry, depth + 1));
  }
  return copyFields(value, depth);
}

function copyFields(value: object, depth: number): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(value).slice(0, mostEntries)) {
    const hidden = isSecretName(name) && field !== undefined && field !== null;
    result[name] = hidden ? redacted : copy(field, depth + 1);
  }
  return result;
}

function copyError(error: Error, depth: number): Record<string, unknown> {
  return {
    type: error.name,
    message: maskUrl(error.message),
    ...copyFields({ ...error }, depth),
    stack: error.stack === undefined ? undefined : maskUrl(error.stack),
    ...(error.cause === undefined ? {} : { cause: copy(error.cause, depth + 1) }),
  };
}

/** `postgresql://user:password@host` is how secrets get into messages that nobody named. */
function maskUrl(text: string): string {
  return text.includes('://')
    ? text.replace(/(:\/\/[^\s/:@]*:)[^\s/@]+@/g, `$1${redacted}@`)
    : text;
}
