/**
 * Crash points: named places around every commit where a test can kill the program, so that "kill -9
 * anywhere" can be tried at every place and not at a sample. Costs one branch when not in use.
 */

/** Called at each point with its name; installed by crash tests only. */
export type CrashHook = (point: string) => void;

let hook: CrashHook | undefined;

/** Installs or removes the hook of this program. */
export function setCrashHook(next: CrashHook | undefined): void {
  hook = next;
}

/** Passes a crash point. Names are `before-commit:<what>` and `after-commit:<what>`. */
export function crashPoint(point: string): void {
  hook?.(point);
}
