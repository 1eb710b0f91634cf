/** Procedures over variables: a person mends what a running instance knows. */
import { z } from 'zod';
import { refuse } from '../../kernel/errors.ts';
import { idSchema } from '../../kernel/ids.ts';
import { defineExternal } from '../../kernel/procedure.ts';
import { type Engine, INSTANCE_NOT_MOVABLE } from '../engine.ts';
import { instanceNotFound, instanceSuspended } from './errors.ts';
import { readInstance } from './instance-queries.ts';
import { pendingField, pendingOf } from './pending.ts';
import { nameOf, noInstance } from './process-procedures.ts';
import { refuseSuspended } from './suspension-procedures.ts';

const name = z.string().min(1).max(200);

/** The procedures over variables of an engine. */
export function variableProcedures(engine: () => Engine) {
  const set = defineExternal({
    name: 'processes.set-variables',
    summary: 'Set variables of a running instance, or take some away; kept in its history',
    description:
      'Of the process itself, not of its sub-processes. Nothing checks that later steps can use the new ' +
      'values: it is for mending what went wrong.',
    input: z.object({
      instanceId: idSchema,
      variables: z.record(name, z.unknown()).default({}),
      removed: z.array(name).max(200).default([]).describe('Names of variables to take away'),
    }),
    output: z.object({ instanceId: idSchema, accepted: z.literal(true), ...pendingField }),
    access: ['operator', 'admin'],
    http: { method: 'POST', path: '/processes/{instanceId}/variables' },
    errors: [instanceNotFound, instanceSuspended, INSTANCE_NOT_MOVABLE],
    async execute(context, { instanceId, variables, removed }) {
      const by = nameOf(context.caller);
      const row = await context.transaction(({ tx }) => readInstance(tx, instanceId));
      if (!row) return noInstance(instanceId);
      const request = { type: 'variables-set', variables, removed, by } as const;
      const accepted = await engine().request(instanceId, request);
      if (accepted) return { instanceId, accepted: true as const, ...pendingOf(accepted) };
      const now = await context.transaction(({ tx }) => readInstance(tx, instanceId));
      if (now?.status === 'suspended') return refuseSuspended(instanceId);
      return refuse(INSTANCE_NOT_MOVABLE, `expected an open instance, found it ${now?.status}`);
    },
  });
  return [set];
}
