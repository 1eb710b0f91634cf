/** Procedures over the engine as a whole: pausing it after an incident, and letting it go on. */
import { z } from 'zod';
import { defineExternal, defineRead } from '../../kernel/procedure.ts';
import type { Engine } from '../engine.ts';
import type { PauseView } from '../runtime/engine-pause.ts';
import { nameOf } from './process-procedures.ts';

/** Whether the engine works. */
export const pauseSchema = z.object({
  paused: z.boolean().describe('This node starts no jobs and fires no timers'),
  allNodes: z.boolean().describe('A person paused every node'),
  startedPaused: z.boolean().describe('This node was started paused and not resumed since'),
  reason: z.string().nullable(),
  by: z.string().nullable().describe('Who paused or resumed last'),
  since: z.iso.datetime().nullable(),
});

/** The procedures over the whole of an engine. */
export function engineProcedures(engine: () => Engine) {
  const view = ({ since, ...rest }: PauseView) => ({
    ...rest,
    since: since?.toISOString() ?? null,
  });
  const look = defineRead({
    name: 'engine.get',
    summary: 'Say whether the engine is paused',
    input: z.object({}),
    output: pauseSchema,
    access: ['operator', 'manager', 'support', 'admin'],
    http: { method: 'GET', path: '/engine' },
    errors: [],
    execute: () => Promise.resolve(view(engine().pause.view)),
  });
  const pause = defineExternal({
    name: 'engine.pause',
    steersLoad: true,
    summary: 'Pause all nodes: no job is started and no timer fires until they are resumed',
    description:
      'Jobs at work end and are committed. Looking, starting and messages work as always; what they ' +
      'lead to waits. The pause survives restarts; other nodes hear of it within a second or so.',
    input: z.object({ reason: z.string().min(3).max(500) }),
    output: pauseSchema,
    access: ['operator', 'admin'],
    http: { method: 'POST', path: '/engine/pause' },
    errors: [],
    async execute({ caller, clock }, { reason }) {
      await engine().pause.pause(nameOf(caller), reason, clock.now());
      return view(engine().pause.view);
    },
  });
  const resume = defineExternal({
    name: 'engine.resume',
    steersLoad: true,
    summary: 'Let all nodes go on, also those that were started paused',
    input: z.object({}),
    output: pauseSchema,
    access: ['operator', 'admin'],
    http: { method: 'POST', path: '/engine/resume' },
    errors: [],
    async execute({ caller, clock }) {
      await engine().pause.resume(nameOf(caller), clock.now());
      return view(engine().pause.view);
    },
  });
  return [look, pause, resume];
}
