/**
 * The cause of an incident: what failed and how, without what belongs to one instance only. Incidents
 * of one cause are counted, shown and tried again together.
 */
import { createHash } from 'node:crypto';
import type { Incident } from '../model/state.ts';

/** What incidents have in common. */
export interface IncidentCause {
  /** Names the cause; the same on every node and for ever. */
  readonly cause: string;
  /** The procedure that failed; `process/element` where it was none. */
  readonly source: string;
  readonly code: string;
  /** The message, with ids, numbers and quoted texts replaced. */
  readonly message: string;
}

/** The cause of an incident at a node. */
export function causeOf(
  process: string,
  node: string,
  { code, message, procedure }: Pick<Incident, 'code' | 'message' | 'procedure'>,
): IncidentCause {
  const source = procedure ?? `${process}/${node || 'process'}`;
  const plain = normalised(message);
  const text = JSON.stringify([source, code, plain]);
  const cause = createHash('sha256').update(text).digest('hex').slice(0, 16);
  return { cause, source, code, message: plain };
}

/** Longest part of a message that tells causes apart. */
const longestMessage = 300;

/** A message without the ids, numbers, moments, addresses and quoted texts of one instance. */
export function normalised(message: string): string {
  return message
    .slice(0, longestMessage * 4)
    .replace(/"[^"]*"|'[^']*'|`[^`]*`|“[^”]*”/g, '"…"')
    .replace(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '<id>')
    .replace(/\b\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-][\d:]+)?)?/g, '<time>')
    .replace(/\b(?:[\w.+-]+@[\w-]+\.[\w.]+)\b/g, '<mail>')
    .replace(/\b[0-9a-z_-]*\d[0-9a-z_-]{7,}\b/gi, '<id>')
    .replace(/\d+([.,:]\d+)*/g, '<n>')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, longestMessage);
}
