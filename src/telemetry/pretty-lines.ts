/** Turns JSON log lines into lines for a person: time, level, message, then the fields. */

/** Takes finished lines, each with its line break. */
export interface LogDestination {
  write(line: string): void;
}

/** A destination that rewrites each JSON line and hands it on to `out`. */
export function prettyLines(out: LogDestination): LogDestination {
  return { write: (line) => out.write(`${pretty(line)}\n`) };
}

function pretty(line: string): string {
  const { time, level, msg, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const clock = String(time).slice(11, 23);
  const rest = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}=${field(value)}`)
    .join('');
  return `${clock} ${String(level).toUpperCase().padEnd(5)} ${String(msg ?? '')}${rest}`;
}

function field(value: unknown): string {
  if (typeof value === 'string') return /^[\w.:/@-]+$/.test(value) ? value : JSON.stringify(value);
  if (typeof value === 'object' && value !== null && 'stack' in value) {
    return String((value as { stack: unknown }).stack);
  }
  return JSON.stringify(value);
}
