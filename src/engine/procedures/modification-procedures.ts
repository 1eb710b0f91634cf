/** The procedure by which an operator moves an instance by hand. */
import { z } from 'zod';
import { refuse } from '../../kernel/errors.ts';
import { idSchema } from '../../kernel/ids.ts';
import { defineExternal } from '../../kernel/procedure.ts';
import type { Engine } from '../engine.ts';
import type { Instruction } from '../model/modification.ts';
import { judgeModification } from '../runtime/judge-modification.ts';
import { instanceNotFound, instanceNotModifiable, instanceSuspended } from './errors.ts';
import { readInstance, stateOf } from './instance-queries.ts';
import { pendingField, pendingOf } from './pending.ts';
import { nameOf, noInstance } from './process-procedures.ts';
import { refuseSuspended } from './suspension-procedures.ts';

const id = z.string().min(1).max(200);
const beginning = {
  scope: z
    .int()
    .min(1)
    .optional()
    .describe('Number of the sub-process to begin in, when several of it run'),
  variables: z.record(id, z.unknown()).optional().describe('Set before, where it begins'),
};
const instruction = z.discriminatedUnion('type', [
  z.object({ type: z.literal('start-before'), element: id, ...beginning }),
  z.object({ type: z.literal('start-after'), element: id, ...beginning }),
  z.object({ type: z.literal('start-at'), flow: id.describe('Sequence flow'), ...beginning }),
  z.object({
    type: z.literal('cancel'),
    element: id,
    n: z.int().min(1).optional().describe('Number of one element instance; absent: all there'),
  }),
]);

/** The procedures that move instances by hand. */
export function modificationProcedures(engine: () => Engine) {
  const modify = defineExternal({
    name: 'processes.modify',
    summary: 'Begin at other elements of an instance, and end what runs, in one step',
    description:
      'All instructions are one transition, in their order, or none is. Sub-processes around an element ' +
      'that do not run are opened; those in which nothing is left are ended. What was done can still be ' +
      'undone; what was ended counts as interrupted.',
    input: z.object({
      instanceId: idSchema,
      instructions: z.array(instruction).min(1).max(100),
      reason: z.string().min(1).max(1000).describe('Kept in the timeline'),
      dryRun: z.boolean().default(false).describe('Only says what would come of it'),
    }),
    output: z.object({
      instanceId: idSchema,
      outcome: z.enum(['modified', 'fits']),
      changes: z
        .array(z.object({ kind: z.string(), element: z.string(), n: z.number().int() }))
        .describe('What follows at once, in order, as far as it was tried'),
      ...pendingField,
    }),
    access: ['operator', 'admin'],
    http: { method: 'POST', path: '/processes/{instanceId}/modify' },
    errors: [instanceNotFound, instanceSuspended, instanceNotModifiable],
    async execute(context, { instanceId, instructions, reason, dryRun }) {
      const found = await context.transaction(async ({ tx }) => {
        const row = await readInstance(tx, instanceId);
        return row ? { row, state: await stateOf(tx, row) } : null;
      });
      if (!found) return noInstance(instanceId);
      const { row, state } = found;
      const no = (why: string) => refuse(instanceNotModifiable, why);
      if (state.suspended) return refuseSuspended(instanceId);
      if (state.status !== 'active') {
        return no(`expected an open instance, found one that is ${state.status}`);
      }
      const model = engine().model(row.process, row.version);
      if (!model) return no('expected the process of the instance on this program, found none');
      const asked = instructions as readonly Instruction[];
      const verdict = judgeModification(model, state, asked, context.clock.now().getTime());
      if ('reason' in verdict) return no(verdict.reason);
      const changes = verdict.history
        .filter(({ kind }) => kind !== 'process.modified')
        .map(({ kind, node, n }) => ({ kind, element: node, n }));
      if (dryRun) return { instanceId, outcome: 'fits' as const, changes };
      const by = nameOf(context.caller);
      const request = { type: 'modify', instructions: asked, reason, by } as const;
      const accepted = await engine().request(instanceId, request);
      if (accepted) {
        return { instanceId, outcome: 'modified' as const, changes, ...pendingOf(accepted) };
      }
      return no(
        'expected an instance that stands still, found that it changed meanwhile; try again',
      );
    },
  });
  return [modify];
}
