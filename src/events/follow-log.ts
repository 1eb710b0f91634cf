/** Following the log: page after page as it grows, for readers that keep their own position. */
import { createBell } from './bell.ts';
import type { LogPage, LogQuery } from './log-query.ts';

/** What can be followed. */
export interface FollowableLog {
  read(query: LogQuery): Promise<LogPage>;
  onceBeyond(position: string, callback: () => void): () => void;
}

/**
 * Gives page after page, in order and without gaps, until the signal aborts. A page without events says
 * that none came for `idleMs`; its `next` is where the reader stands all the same.
 */
export async function* followLog(
  log: FollowableLog,
  options: Omit<LogQuery, 'after'> & {
    readonly after: string;
    readonly idleMs: number;
    readonly signal: AbortSignal;
  },
): AsyncGenerator<LogPage> {
  const { idleMs, signal } = options;
  const bell = createBell();
  const ring = () => bell.ring();
  signal.addEventListener('abort', ring, { once: true });
  let after = options.after;
  let saidMs = performance.now();
  while (!signal.aborted) {
    const page = await log.read({ ...options, after });
    const moved = page.next !== after;
    after = page.next;
    const idle = performance.now() - saidMs >= idleMs;
    if (page.events.length > 0 || idle) {
      yield page;
      saidMs = performance.now();
    }
    if (moved || signal.aborted) continue;
    const forget = log.onceBeyond(after, ring);
    await bell.wait(Math.max(1, saidMs + idleMs - performance.now()));
    forget();
  }
}
