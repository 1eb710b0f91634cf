/** Procedures over incidents: what failed for good, and what a person does about it. */
import { z } from 'zod';
import type { Caller } from '../../kernel/caller.ts';
import { hasRole } from '../../kernel/caller.ts';
import { refuse } from '../../kernel/errors.ts';
import { idSchema } from '../../kernel/ids.ts';
import {
  type Action,
  actionSchema,
  cursorValue,
  pageOf,
  pageQueryBy,
  toPage,
} from '../../kernel/page.ts';
import { defineExternal, defineRead, type ExternalContext } from '../../kernel/procedure.ts';
import type { Engine } from '../engine.ts';
import { incidentNotFound, instanceSuspended } from './errors.ts';
import { readInstance } from './instance-queries.ts';
import { pendingField, pendingOf } from './pending.ts';
import { nameOf } from './process-procedures.ts';
import { readPage } from './read-page.ts';
import { refuseSuspended } from './suspension-procedures.ts';

/** An open incident as its readers see it. */
export const incidentSchema = z.object({
  id: idSchema,
  instanceId: idSchema,
  n: z.number().int(),
  process: z.string(),
  version: z.number().int(),
  businessKey: z.string().nullable(),
  element: z.string(),
  code: z.string(),
  message: z.string(),
  cause: z.string().describe('The same for incidents that failed for the same reason'),
  openedAt: z.iso.datetime(),
  can: z.array(actionSchema),
});

interface IncidentRow {
  id: string;
  instance_id: string;
  n: number;
  process: string;
  version: number;
  business_key: string | null;
  node: string;
  code: string;
  message: string;
  cause: string;
  opened_at: Date;
}

const target = { instanceId: idSchema, n: z.coerce.number().int().min(1) };

/** The procedures over incidents of an engine. */
export function incidentProcedures(engine: () => Engine) {
  const list = defineRead({
    name: 'incidents.list',
    summary: 'List open incidents, newest first',
    input: pageQueryBy([idSchema]).extend({
      process: z.string().max(200).optional(),
      instanceId: idSchema.optional(),
      cause: z.string().max(40).optional().describe('Of one group of `incidents.groups`'),
    }),
    output: pageOf(incidentSchema),
    access: ['operator', 'manager', 'support', 'admin'],
    http: { method: 'GET', path: '/incidents' },
    errors: [],
    async execute({ tx, caller }, { limit, cursor, process, instanceId, cause }) {
      const { rows, counted } = await readPage<IncidentRow>(tx, {
        columns:
          'incident.*, (select version from engine.instance where id = instance_id) as version',
        from: 'engine.incident',
        where:
          'closed_at is null and ($1::text is null or process = $1)' +
          (cause === undefined ? '' : ' and cause = $2') +
          (instanceId === undefined ? '' : ` and instance_id = $${cause === undefined ? 2 : 3}`),
        values: [process ?? null, ...[cause, instanceId].filter((one) => one !== undefined)],
        order: 'newest first',
        after: cursorValue(cursor),
        limit,
      });
      return toPage({
        rows,
        limit,
        counted,
        cursorOf: (row) => [row.id],
        itemOf: (row) => ({
          id: row.id,
          instanceId: row.instance_id,
          n: row.n,
          process: row.process,
          version: row.version,
          businessKey: row.business_key,
          element: row.node,
          code: row.code,
          message: row.message,
          cause: row.cause,
          openedAt: row.opened_at.toISOString(),
          can: incidentActions(caller),
        }),
      });
    },
  });

  const retry = defineExternal({
    name: 'incidents.retry',
    summary: 'Try the failed step of an incident again',
    input: z.object(target),
    output: z.object({ instanceId: idSchema, retried: z.literal(true), ...pendingField }),
    access: ['operator', 'admin'],
    http: { method: 'POST', path: '/processes/{instanceId}/incidents/{n}/retry', status: 202 },
    errors: [incidentNotFound, instanceSuspended],
    async execute(context, { instanceId, n }) {
      const by = nameOf(context.caller);
      const retried = await engine().request(instanceId, { type: 'incident-retry', n, by });
      if (!retried) return await noIncident(context, instanceId, n);
      return { instanceId, retried: true as const, ...pendingOf(retried) };
    },
  });

  const skip = defineExternal({
    name: 'incidents.skip',
    summary: 'Go on without the failed step, for a reason that is kept',
    input: z.object({
      ...target,
      reason: z.string().min(3).max(500),
      output: z.unknown().optional().describe("What stands for the step's result"),
    }),
    output: z.object({ instanceId: idSchema, skipped: z.literal(true), ...pendingField }),
    access: ['operator', 'admin'],
    http: { method: 'POST', path: '/processes/{instanceId}/incidents/{n}/skip', status: 202 },
    errors: [incidentNotFound, instanceSuspended],
    async execute(context, { instanceId, n, reason, output }) {
      const by = nameOf(context.caller);
      const event = { type: 'incident-skip', n, by, reason, output: output ?? null } as const;
      const skipped = await engine().request(instanceId, event);
      if (!skipped) return await noIncident(context, instanceId, n);
      return { instanceId, skipped: true as const, ...pendingOf(skipped) };
    },
  });

  return [list, retry, skip];
}

async function noIncident(context: ExternalContext, instanceId: string, n: number) {
  const row = await context.transaction(({ tx }) => readInstance(tx, instanceId));
  if (row?.status === 'suspended') return refuseSuspended(instanceId);
  return refuse(
    incidentNotFound,
    `expected an open incident at element instance ${n} of ${instanceId}, found none; list them ` +
      'with GET /api/v1/incidents',
  );
}

function incidentActions(caller: Caller): Action[] {
  const may = hasRole(caller, 'operator', 'admin');
  const reason = 'only operators and admins may resolve incidents';
  return ['incidents.retry', 'incidents.skip'].map((action) => ({
    action,
    allowed: may,
    ...(may ? {} : { reason }),
  }));
}
