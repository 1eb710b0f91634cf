/**
 * The whole program, in a process that a test can kill at a named place. It loads everything, says
 * `standby`, and starts when it is told to, so that the successor of a killed program needs no time to
 * load. Started, it behaves as `orderloom serve` does, except that it takes orders from its parent:
 * at which crash point to die, and whether to write down the points that it passes.
 */
import { flushCompileCache } from 'node:module';
import { readConfig } from '../../src/app/config.ts';
import { startProgram } from '../../src/app/start-program.ts';
import { setCrashHook } from '../../src/kernel/crash-point.ts';
import { createLogger } from '../../src/telemetry/index.ts';

/** What the parent says. */
export type Command =
  | { readonly do: 'start'; readonly env: Readonly<Record<string, string>> }
  /** Die when this point is passed for the nth time from now on. */
  | { readonly do: 'arm'; readonly point: string; readonly nth: number }
  /** Write down every point that is passed from now on. */
  | { readonly do: 'trace' }
  | { readonly do: 'report' };

/** What it says to its parent. */
export type Report =
  | { readonly is: 'standby' | 'armed' | 'tracing' }
  | { readonly is: 'ready' }
  | { readonly is: 'points'; readonly points: readonly string[] };

const points: string[] = [];

function arm(point: string, nth: number): void {
  let left = nth;
  setCrashHook((passed) => {
    if (passed !== point) return;
    left -= 1;
    if (left === 0) process.kill(process.pid, 'SIGKILL');
  });
}

async function obey(command: Command): Promise<Report> {
  switch (command.do) {
    case 'start': {
      const log = createLogger({ level: 'warn', pretty: false });
      await startProgram({ config: readConfig(command.env), log });
      return { is: 'ready' };
    }
    case 'arm':
      arm(command.point, command.nth);
      return { is: 'armed' };
    case 'trace':
      setCrashHook((point) => points.push(point));
      return { is: 'tracing' };
    case 'report':
      // A story was told: what it needs is compiled, and kept for those who are killed and keep nothing.
      flushCompileCache();
      return { is: 'points', points };
  }
}

const say = (report: Report) => process.send?.(report);

process.on('message', (command: Command) => {
  obey(command).then(say, (error: unknown) => {
    console.error(error);
    process.exit(1);
  });
});
// The parent is gone: nobody is left to tell this process what to do.
process.on('disconnect', () => process.exit(1));
say({ is: 'standby' });
