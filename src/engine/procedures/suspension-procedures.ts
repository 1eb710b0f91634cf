/** Procedures that hold an instance and let it go on. */
import { z } from 'zod';
import { type Refusal, refuse } from '../../kernel/errors.ts';
import { idSchema } from '../../kernel/ids.ts';
import { defineExternal, type ExternalContext } from '../../kernel/procedure.ts';
import type { Engine } from '../engine.ts';
import { INSTANCE_NOT_MOVABLE } from '../errors.ts';
import type { InstanceRequest } from '../runtime/instance-requests.ts';
import { instanceNotFound, instanceSuspended } from './errors.ts';
import { readInstance } from './instance-queries.ts';
import { pendingField, pendingOf } from './pending.ts';
import { nameOf, noInstance } from './process-procedures.ts';

const accepted = z.object({ instanceId: idSchema, accepted: z.literal(true), ...pendingField });

/** The refusal of what a suspended instance cannot take. */
export function refuseSuspended(instanceId: string) {
  return refuse(
    instanceSuspended,
    `expected an instance that goes on, found one that is suspended; resume it first: ` +
      `POST /api/v1/processes/${instanceId}/resume`,
  );
}

/** The procedures that suspend and resume instances of an engine. */
export function suspensionProcedures(engine: () => Engine) {
  async function ask(context: ExternalContext, instanceId: string, request: InstanceRequest) {
    const row = await context.transaction(({ tx }) => readInstance(tx, instanceId));
    if (!row) return noInstance(instanceId);
    const isTaken = await engine().request(instanceId, request);
    if (!isTaken) return notMovable(request.type, row.status);
    return { instanceId, accepted: true as const, ...pendingOf(isTaken) };
  }

  const suspend = defineExternal({
    name: 'processes.suspend',
    steersLoad: true,
    summary: 'Hold an instance: no step begins, its messages and timers wait until it is resumed',
    description:
      'A step at work may end; its outcome is committed and handled on resume. Children of the ' +
      'instance go on. Suspending is durable and seen in the timeline.',
    input: z.object({ instanceId: idSchema, reason: z.string().min(3).max(500) }),
    output: accepted,
    access: ['operator', 'admin'],
    http: { method: 'POST', path: '/processes/{instanceId}/suspend', status: 202 },
    errors: [instanceNotFound, INSTANCE_NOT_MOVABLE],
    execute: (context, { instanceId, reason }) =>
      ask(context, instanceId, { type: 'suspend', reason, by: nameOf(context.caller) }),
  });
  const resume = defineExternal({
    name: 'processes.resume',
    summary: 'Let a suspended instance go on with all that came meanwhile',
    input: z.object({ instanceId: idSchema }),
    output: accepted,
    access: ['operator', 'admin'],
    http: { method: 'POST', path: '/processes/{instanceId}/resume', status: 202 },
    errors: [instanceNotFound, INSTANCE_NOT_MOVABLE],
    execute: (context, { instanceId }) =>
      ask(context, instanceId, { type: 'resume', by: nameOf(context.caller) }),
  });
  return [suspend, resume];
}

function notMovable(
  asked: InstanceRequest['type'],
  status: string,
): Refusal<'INSTANCE_NOT_MOVABLE'> {
  const expected = asked === 'resume' ? 'a suspended instance' : 'an instance that goes on';
  return refuse(INSTANCE_NOT_MOVABLE, `expected ${expected}, found one that is ${status}`);
}
