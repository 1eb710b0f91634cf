/** Procedures over variables: what an instance knows, scope by scope, and how a person mends it. */
import { z } from 'zod';
import { refuse } from '../../kernel/errors.ts';
import { idSchema } from '../../kernel/ids.ts';
import { countCap, decodeCursor, pageOf, pageQueryBy, toPage } from '../../kernel/page.ts';
import { defineExternal, defineRead } from '../../kernel/procedure.ts';
import type { Engine } from '../engine.ts';
import { INSTANCE_NOT_MOVABLE } from '../errors.ts';
import { summarizedState } from '../store/large-values.ts';
import { elementRunSchema, elementRuns } from './element-runs.ts';
import { instanceNotFound, instanceSuspended } from './errors.ts';
import { readHistory, readInstance } from './instance-queries.ts';
import { pendingField, pendingOf } from './pending.ts';
import { nameOf, noInstance } from './process-procedures.ts';
import { type ScopedVariable, scopedVariables, variableSchema } from './scoped-variables.ts';
import { refuseSuspended } from './suspension-procedures.ts';

const name = z.string().min(1).max(200);
/** Entries of the history that one answer is made of. */
const mostEntries = 20_000;

/** The procedures over variables of an engine. */
export function variableProcedures(engine: () => Engine) {
  const set = defineExternal({
    name: 'processes.set-variables',
    summary: 'Set variables of a running instance, or take some away; kept in its history',
    description:
      'Of the process itself, or of the scope with the number `scope`. Nothing checks that later steps can ' +
      'use the new values: it is for mending what went wrong.',
    input: z.object({
      instanceId: idSchema,
      scope: z.number().int().min(1).optional().describe('As processes.variables tells it'),
      variables: z.record(name, z.unknown()).default({}),
      removed: z.array(name).max(200).default([]).describe('Names of variables to take away'),
    }),
    output: z.object({ instanceId: idSchema, accepted: z.literal(true), ...pendingField }),
    access: ['operator', 'admin'],
    http: { method: 'POST', path: '/processes/{instanceId}/variables' },
    errors: [instanceNotFound, instanceSuspended, INSTANCE_NOT_MOVABLE],
    async execute(context, { instanceId, scope, variables, removed }) {
      const by = nameOf(context.caller);
      const row = await context.transaction(({ tx }) => readInstance(tx, instanceId));
      if (!row) return noInstance(instanceId);
      const request = {
        type: 'variables-set' as const,
        ...{ variables, removed, by },
        ...(scope === undefined ? {} : { n: scope }),
      };
      const accepted = await engine().request(instanceId, request);
      if (accepted) return { instanceId, accepted: true as const, ...pendingOf(accepted) };
      const now = await context.transaction(({ tx }) => readInstance(tx, instanceId));
      if (now?.status === 'suspended') return refuseSuspended(instanceId);
      const where = scope === undefined ? '' : ` with a scope of the number ${scope}`;
      return refuse(
        INSTANCE_NOT_MOVABLE,
        `expected an open instance${where}, found it ${now?.status}${where && ' without'}`,
      );
    },
  });

  const list = defineRead({
    name: 'processes.variables',
    summary: 'List the variables of an instance with their types, scope by scope',
    description:
      'A variable of an inner scope hides one of the same name around it. Of an instance that has ended, ' +
      'those that the process had at its end.',
    input: pageQueryBy([z.string().regex(/^\d{1,9}$/), z.string()]).extend({
      instanceId: idSchema,
    }),
    output: pageOf(variableSchema),
    access: ['operator', 'manager', 'support', 'admin'],
    http: { method: 'GET', path: '/processes/{instanceId}/variables' },
    errors: [instanceNotFound],
    async execute({ tx }, { instanceId, limit, cursor }) {
      const row = await readInstance(tx, instanceId);
      if (!row) return noInstance(instanceId);
      const all = scopedVariables(
        engine().model(row.process, row.version),
        summarizedState(row.state),
      );
      const after = cursor === undefined ? null : decodeCursor(cursor, 2);
      const from = after ? all.findIndex((one) => isBehind(one, after)) : 0;
      return toPage({
        rows: from < 0 ? [] : all.slice(from, from + limit + 1),
        limit,
        counted: Math.min(all.length, countCap + 1),
        cursorOf: ({ scope, name: own }) => [String(scope), own],
        itemOf: (one) => one,
      });
    },
  });

  const runs = defineRead({
    name: 'processes.element-runs',
    summary: 'Tell each run of each element of an instance: when, how long, and what ended it',
    description:
      `Reads the newest ${mostEntries} entries of the history; \`whole\` is false when it is longer, and runs that ` +
      'began before are not told then.',
    input: z.object({ instanceId: idSchema, element: name.optional() }),
    output: z.object({ runs: z.array(elementRunSchema), whole: z.boolean() }),
    access: ['operator', 'manager', 'support', 'admin'],
    http: { method: 'GET', path: '/processes/{instanceId}/element-runs' },
    errors: [instanceNotFound],
    async execute({ tx }, { instanceId, element }) {
      const row = await readInstance(tx, instanceId);
      if (!row) return noInstance(instanceId);
      const to = summarizedState(row.state).seq - 1;
      const from = Math.max(1, to - mostEntries + 1);
      const entries = await readHistory(tx, instanceId, { from, to }, mostEntries);
      const told = elementRuns(engine().model(row.process, row.version), entries);
      return {
        runs: told.filter((run) => element === undefined || run.element === element),
        whole: entries[0]?.entry.seq === 1,
      };
    },
  });
  return [set, list, runs];
}

function isBehind({ scope, name: own }: ScopedVariable, after: readonly string[]): boolean {
  const number = Number(after[0]);
  return scope > number || (scope === number && own > (after[1] ?? ''));
}
