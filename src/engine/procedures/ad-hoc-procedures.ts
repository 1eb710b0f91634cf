/** The procedure by which people have activities of an ad-hoc sub-process begin. */
import { z } from 'zod';
import { refuse } from '../../kernel/errors.ts';
import { idSchema } from '../../kernel/ids.ts';
import { defineExternal } from '../../kernel/procedure.ts';
import type { Engine } from '../engine.ts';
import { startableIn } from '../model/ad-hoc.ts';
import type { ProcessModel } from '../model/process-model.ts';
import type { InstanceState } from '../model/state.ts';
import { judgeStart } from '../runtime/activity-start.ts';
import { activityNotStartable, instanceNotFound } from './errors.ts';
import { readInstance, stateOf } from './instance-queries.ts';
import { pendingField, pendingOf } from './pending.ts';
import { nameOf, noInstance } from './process-procedures.ts';

/** The procedures over ad-hoc sub-processes. */
export function adHocProcedures(engine: () => Engine) {
  const start = defineExternal({
    name: 'processes.start-activity',
    summary: 'Have an activity of an ad-hoc sub-process begin',
    description:
      'What may begin is what no flow leads to; processes.get says it of each ad-hoc sub-process that ' +
      'runs. The same activity may begin several times, in an ordered sub-process one at a time.',
    input: z.object({
      instanceId: idSchema,
      element: z.string().min(1).max(200).describe('Id of the activity'),
      scope: z
        .int()
        .min(1)
        .optional()
        .describe('Number of the sub-process, when several of it run; absent: the oldest that can'),
    }),
    output: z.object({ instanceId: idSchema, accepted: z.literal(true), ...pendingField }),
    access: ['operator', 'manager', 'admin'],
    http: { method: 'POST', path: '/processes/{instanceId}/activities', status: 202 },
    errors: [instanceNotFound, activityNotStartable],
    async execute(context, { instanceId, element, scope = null }) {
      const found = await context.transaction(async ({ tx }) => {
        const row = await readInstance(tx, instanceId);
        return row ? { row, state: await stateOf(tx, row) } : null;
      });
      if (!found) return noInstance(instanceId);
      const { row, state } = found;
      const no = (reason: string) => refuse(activityNotStartable, reason);
      const reason = whyNot(engine().model(row.process, row.version), state, element, scope);
      if (reason !== null) return no(reason);
      const by = nameOf(context.caller);
      const asked = { type: 'activity-start', node: element, scope, by } as const;
      const accepted = await engine().request(instanceId, asked);
      if (accepted) return { instanceId, accepted: true as const, ...pendingOf(accepted) };
      return no(
        `expected "${element}" to be able to begin, found that the instance changed meanwhile`,
      );
    },
  });
  return [start];
}

/** Why an activity cannot begin; null when it can. */
function whyNot(
  model: ProcessModel | undefined,
  state: InstanceState,
  element: string,
  scope: number | null,
): string | null {
  if (state.status !== 'active')
    return `expected an open instance, found one that is ${state.status}`;
  if (state.suspended) return 'expected an instance that goes on, found one that is suspended';
  if (!model) return 'expected the process of the instance on this program, found none';
  const verdict = judgeStart(model, state.elements, element, scope);
  if (!('reason' in verdict)) return null;
  const startable = Object.values(model.nodes).flatMap((node) =>
    node.type === 'subProcess' && node.adHoc ? startableIn(model.nodes, node.id) : [],
  );
  const reasons = {
    'no-such-activity': `expected an activity that may begin in an ad-hoc sub-process (${startable.join(', ') || 'none'}), found "${element}"`,
    'not-running': `expected the sub-process of "${element}" to run and to need more, found that it does not`,
    busy: `expected nothing at work in the sub-process of "${element}", which does one thing at a time, found something; wait for its end`,
  };
  return reasons[verdict.reason];
}
