/**
 * Kills the program at a crash point, as `kill -9` would: nothing is flushed, closed or told. Only
 * for tests, which try every point in turn.
 */
import { setCrashHook } from '../kernel/crash-point.ts';

/**
 * Arms the hook. `at` is `<count>`: the nth point passed, of any name; or `<name>:<count>`: the nth
 * time that this point is passed.
 */
export function armCrashHook(at: string): void {
  const colon = at.lastIndexOf(':');
  const name = colon === -1 ? null : at.slice(0, colon);
  let left = Number(at.slice(colon + 1));
  setCrashHook((point) => {
    if (name !== null && point !== name) return;
    left -= 1;
    if (left === 0) process.kill(process.pid, 'SIGKILL');
  });
}
