/**
 * The door of this node, with the figures that close it: work that cannot be committed, steps that get no
 * place, callers that get no connection, and an event loop that falls behind.
 */
import type { Engine } from '../engine/index.ts';
import { Door, type LoopDelay } from '../http/index.ts';
import type { Procedure } from '../kernel/procedure.ts';
import type { Database } from '../postgres/index.ts';
import type { Config } from './config.ts';

/** Transitions that wait for a statement: ten full groups. */
const mostTransitions = 5_000;
/** For each connection. Callers wait at most ten seconds for one; at 20 ms a call that is 500. */
const callersPerConnection = 20;
/** In the mean of two seconds at least. */
const longestLoopDelayMs = 500;

/** Makes the door. */
export function createDoor(options: {
  readonly config: Config;
  readonly database: Database;
  readonly engine: () => Engine;
  readonly loopDelay: LoopDelay;
}): Door {
  const { config, database, engine, loopDelay } = options;
  const callers = config.DATABASE_MAX_CONNECTIONS * callersPerConnection;
  const jobWaitMs = config.OVERLOAD_JOB_WAIT_MS;
  return new Door({
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
        read: loopDelay.read,
        closesAbove: longestLoopDelayMs,
        opensBelow: longestLoopDelayMs / 4,
      },
    ],
  });
}

/** Whether a procedure begins something new: a process starts by it, or by an event of it. */
export function startsWork(engine: () => Engine): (procedure: Procedure) => boolean {
  return ({ name, emits = [] }) =>
    name === 'processes.start' ||
    engine().startsBy(name) ||
    emits.some((event) => engine().startsBy(event.name));
}
