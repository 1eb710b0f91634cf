/**
 * The door of this node, with the figures that close it: work that cannot be committed, steps that get no
 * place, callers that get no connection, and an event loop that falls behind.
 */
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { Engine } from '../engine/index.ts';
import { Door } from '../http/index.ts';
import type { Procedure } from '../kernel/procedure.ts';
import type { Database } from '../postgres/index.ts';
import type { Config } from './config.ts';

/** Transitions that wait for a statement: ten full groups. */
const mostTransitions = 5_000;
/** For each connection. Callers wait at most ten seconds for one; at 20 ms a call that is 500. */
const callersPerConnection = 20;
/** The mean of a second; 20 ms of it are the measurement's own. */
const longestLoopDelayMs = 500;
const loopSpanMs = 1_000;

/** Makes the door. `close` ends its measurements. */
export function createDoor(options: {
  readonly config: Config;
  readonly database: Database;
  readonly engine: () => Engine;
}): { readonly door: Door; readonly close: () => void } {
  const { config, database, engine } = options;
  const loop = monitorEventLoopDelay({ resolution: 20 });
  loop.enable();
  const last = { at: performance.now(), delayMs: 0 };
  const loopDelayMs = (): number => {
    const now = performance.now();
    if (now - last.at < loopSpanMs) return last.delayMs;
    const { mean } = loop;
    loop.reset();
    last.at = now;
    // Without a sample there is nothing to say.
    last.delayMs = Number.isFinite(mean) ? mean / 1e6 : 0;
    return last.delayMs;
  };
  const callers = config.DATABASE_MAX_CONNECTIONS * callersPerConnection;
  const jobWaitMs = config.OVERLOAD_JOB_WAIT_MS;
  const door = new Door({
    figures: [
      {
        name: 'commit_backlog',
        what: 'steps of processes that wait to be committed',
        read: () => engine().counts.commitBacklog,
        closesAbove: mostTransitions,
        opensBelow: mostTransitions / 5,
      },
      {
        name: 'job_wait_ms',
        what: 'steps of processes that wait for a place',
        read: () => engine().counts.jobsWaitMs,
        closesAbove: jobWaitMs,
        opensBelow: jobWaitMs / 3,
      },
      {
        name: 'database_waiters',
        what: 'callers that wait for a connection to the database',
        read: () => database.pool.waitingCount,
        closesAbove: callers,
        opensBelow: callers / 5,
      },
      {
        name: 'event_loop_ms',
        what: 'a program that cannot keep up',
        read: loopDelayMs,
        closesAbove: longestLoopDelayMs,
        opensBelow: longestLoopDelayMs / 4,
      },
    ],
  });
  return { door, close: () => loop.disable() };
}

/** Whether a procedure begins something new: a process starts by it, or by an event of it. */
export function startsWork(engine: () => Engine): (procedure: Procedure) => boolean {
  return ({ name, emits = [] }) =>
    name === 'processes.start' ||
    engine().startsBy(name) ||
    emits.some((event) => engine().startsBy(event.name));
}
