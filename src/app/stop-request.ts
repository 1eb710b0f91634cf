/**
 * When a running program is asked to stop: by a signal, or by the end of whatever started it. Guarantees
 * that one wish is heard once, however many times it is delivered: Ctrl-C in a terminal reaches the
 * whole process group, and npm passes the same signal on once more.
 */

/** Why the program stops: a signal, or the launcher's end. */
export type StopReason = NodeJS.Signals | 'launcher gone';

/** A signal within this time of the first one is the same wish; a later one means "at once". */
const sameWishMs = 1_000;

/** How often npm is looked for; a launcher that is killed cannot say that it is going. */
const launcherCheckMs = 250;

/**
 * Resolves at the first wish to stop. A second signal ends the program at once, without draining.
 * `SIGHUP` (the terminal was closed) counts like `SIGTERM`.
 */
export function stopRequested(env: NodeJS.ProcessEnv): Promise<StopReason> {
  return new Promise((resolve) => {
    let askedAt: number | null = null;
    const ask = (reason: StopReason) => {
      const now = performance.now();
      if (askedAt === null) {
        askedAt = now;
        resolve(reason);
      } else if (now - askedAt > sameWishMs) process.exit(130);
    };
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, ask);
    onceLauncherIsGone(env, () => ask('launcher gone'));
  });
}

/**
 * `bin/orderloom.js` holds a channel to the program it started; npm holds none, but it is the parent of
 * what it runs for as long as it lives. A shell that put the program into the background is no
 * launcher: its end changes nothing.
 */
function onceLauncherIsGone(env: NodeJS.ProcessEnv, tell: () => void): void {
  if (process.channel) {
    process.once('disconnect', tell);
    process.channel.unref();
  }
  if (env.npm_lifecycle_event === undefined) return;
  const launcher = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === launcher) return;
    clearInterval(timer);
    tell();
  }, launcherCheckMs);
  timer.unref();
}
