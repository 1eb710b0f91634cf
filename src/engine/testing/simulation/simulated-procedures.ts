/**
 * What steps of scenarios do: an effect in the database, which happens with the end of the step or not at
 * all, and an effect outside, which knows calls again by their key and may fail to answer.
 */
import { z } from 'zod';
import { RetryableFault } from '../../../kernel/errors.ts';
import { defineExternal, defineTransactional, type Procedure } from '../../../kernel/procedure.ts';
import type { JobHandler } from '../../model/job.ts';
import type { ProcessModel } from '../../model/process-model.ts';
import { effectStatement } from './model-statements.ts';
import type { PendingSteps } from './pending-steps.ts';
import type { WorldChecks } from './world-checks.ts';

/** The job of a step that leaves an effect in the database, under the step's own key. */
export const writesEffect: JobHandler = ({ run, idempotencyKey }) =>
  run('effects.write', { key: idempotencyKey });

/** The job of a step that leaves an effect outside. */
export const callsOutside: JobHandler = ({ run, instanceId, elementId }) =>
  run('outside.call', { key: `${instanceId} ${elementId}` });

/** Steps that leave an effect, with their process. */
export function writingSteps(processes: readonly ProcessModel[]): ReadonlySet<string> {
  return new Set(
    processes.flatMap(({ key, nodes }) =>
      Object.values(nodes).flatMap((node) =>
        node.type === 'serviceTask' && node.job === writesEffect ? [`${key} ${node.id}`] : [],
      ),
    ),
  );
}

const input = z.object({ key: z.string() });
const output = z.string();

/** What procedures need of the world that they run in. */
export interface ProcedureWorld {
  readonly checks: WorldChecks;
  readonly settings: { readonly outsideFails: boolean };
  readonly steps: Pick<PendingSteps, 'ask'>;
}

/** The procedures of one world. */
export function simulatedProcedures(world: ProcedureWorld): readonly Procedure[] {
  const write = defineTransactional({
    name: 'effects.write',
    summary: 'Leave an effect in the database',
    input,
    output,
    access: ['service'],
    errors: [],
    async execute({ tx }, { key }) {
      await tx.query(effectStatement, [key]);
      return 'done';
    },
  });
  const call = defineExternal({
    name: 'outside.call',
    summary: 'Leave an effect outside',
    input,
    output,
    access: ['service'],
    errors: [],
    async execute({ idempotencyKey }, { key }) {
      const lost = () =>
        new RetryableFault('NO_ANSWER', 'the outside does not answer', { outcomeUnknown: true });
      const done = () => {
        world.checks.outside(key, idempotencyKey);
        return 'done';
      };
      return await world.steps.ask('calls the outside', done, {
        lost,
        ended: false,
        mayFail: world.settings.outsideFails,
      });
    },
    async reconcile({ idempotencyKey }) {
      const isDone = () => world.checks.isDoneOutside(idempotencyKey);
      const found = await world.steps.ask('asks the outside', isDone, {
        ended: false,
        mayFail: false,
      });
      return found ? 'done' : null;
    },
  });
  return [write, call] as unknown as readonly Procedure[];
}
