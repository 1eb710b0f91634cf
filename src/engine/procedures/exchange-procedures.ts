/** Procedures that ask a running instance something, and tell it something. */
import { z } from 'zod';
import type { Role } from '../../kernel/caller.ts';
import { assert, refuse } from '../../kernel/errors.ts';
import { idSchema } from '../../kernel/ids.ts';
import { defineExternal, defineRead } from '../../kernel/procedure.ts';
import { nameSchema } from '../../kernel/text.ts';
import type { Engine } from '../engine.ts';
import { factsOf } from '../runtime/updates.ts';
import {
  instanceNotFound,
  queryNotFound,
  updateInvalid,
  updateNotFound,
  updatePending,
  updateRefused,
} from './errors.ts';
import { readInstance, stateOf } from './instance-queries.ts';
import { nameOf } from './process-procedures.ts';

const watchers = ['operator', 'manager', 'support', 'admin'] as const satisfies readonly Role[];

const noInstance = (id: string) =>
  refuse(instanceNotFound, `expected the id of a process instance, found none with id ${id}`);

/** Names for a message: `a, b`, or `none`. */
const listed = (names: readonly string[]) => names.join(', ') || 'none';

/** The procedures by which instances are asked and told. */
export function exchangeProcedures(engine: () => Engine) {
  const query = defineRead({
    name: 'processes.query',
    summary: 'Ask an instance what its process says can be asked',
    input: z.object({ instanceId: idSchema, query: nameSchema }),
    output: z.object({
      instanceId: idSchema,
      query: z.string(),
      revision: z.number().int().describe('Grows with everything that happens to the instance'),
      result: z.unknown(),
    }),
    access: watchers,
    http: { method: 'GET', path: '/processes/{instanceId}/queries/{query}' },
    errors: [instanceNotFound, queryNotFound],
    async execute({ tx }, { instanceId, query: asked }) {
      const row = await readInstance(tx, instanceId);
      if (!row) return noInstance(instanceId);
      const queries = engine().model(row.process, row.version)?.queries ?? {};
      const definition = queries[asked];
      if (!definition) {
        return refuse(
          queryNotFound,
          `expected a query of process "${row.process}" version ${row.version} ` +
            `(${listed(Object.keys(queries))}), found "${asked}"`,
        );
      }
      const result = definition.read(factsOf(await stateOf(tx, row)));
      const parsed = definition.output.safeParse(result);
      assert(parsed.success, `query "${asked}" gave what its own schema does not take`);
      return { instanceId, query: asked, revision: Number(row.revision), result: parsed.data };
    },
  });

  const update = defineExternal({
    name: 'processes.update',
    summary: 'Tell an instance something that changes it, when it can take it as it stands',
    description:
      'Checked before it is taken; a refusal leaves no trace. Once taken it is durable, and told again ' +
      'with the same `updateId` (else the same Idempotency-Key) it acts once and has the same answer.',
    input: z.object({
      instanceId: idSchema,
      update: nameSchema,
      data: z.unknown().optional(),
      updateId: z.string().min(1).max(200).optional(),
    }),
    output: z.object({ instanceId: idSchema, update: z.string(), result: z.unknown() }),
    access: ['operator', 'manager', 'support', 'admin', 'service'],
    http: { method: 'POST', path: '/processes/{instanceId}/updates/{update}' },
    errors: [instanceNotFound, updateNotFound, updateInvalid, updateRefused, updatePending],
    timeoutMs: 30_000,
    async execute(context, { instanceId, update: told, data, updateId }) {
      const result = await engine().updateInstance({
        ...{ instanceId, name: told, data, by: nameOf(context.caller) },
        updateId: updateId ?? context.idempotencyKey,
      });
      switch (result.outcome) {
        case 'taken':
          return { instanceId, update: told, result: result.output };
        case 'no-instance':
          return noInstance(instanceId);
        case 'unknown':
          return refuse(
            updateNotFound,
            `expected an update of the process (${listed(result.known)}), found "${told}"`,
          );
        case 'invalid':
          return refuse(updateInvalid, `update "${told}" does not accept this data`, {
            issues: result.issues,
          });
        case 'refused':
          return refuse(updateRefused, `update "${told}" was refused: ${result.reason}`);
        case 'pending':
          return refuse(
            updatePending,
            `update "${told}" is kept, but was not answered in time; ask again with the same updateId`,
          );
      }
    },
  });

  return [query, update];
}
