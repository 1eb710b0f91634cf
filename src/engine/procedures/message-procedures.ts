/** Procedures over messages: facts from outside that start processes and end waits. */
import { z } from 'zod';
import { isRefusal, refuse } from '../../kernel/errors.ts';
import { idSchema, newId } from '../../kernel/ids.ts';
import { defineExternal, defineTransactional } from '../../kernel/procedure.ts';
import type { Transaction } from '../../kernel/transaction.ts';
import type { Engine } from '../engine.ts';
import { PROCESS_INPUT_INVALID } from '../errors.ts';
import { signalKey } from '../store/commit-record.ts';
import { loadInstances } from '../store/instance-store.ts';
import { instanceSuspended, messageAmbiguous, messageNotAwaited } from './errors.ts';

const name = z.string().min(1).max(200);
const values = z.record(name, z.unknown());
const workers = ['operator', 'admin', 'service'] as const;
/** Instances of which the variables are read when values are named. */
const mostRead = 1_000;
/** Instances that one message may reach by `correlate`. */
const mostReached = 100;

interface WaitRow {
  readonly instance_id: string;
  readonly n: number;
  readonly node: string;
}

/** The procedures over messages of an engine. */
export function messageProcedures(engine: () => Engine) {
  const publish = defineTransactional({
    name: 'messages.publish',
    summary: 'Publish a message: it starts what begins with it, and ends the waits that it meets',
    description:
      'A wait is met by the fields of the payload that it is correlated by. When nothing waits for it ' +
      'yet the message is kept for 30 days and meets its wait then. The same id acts once.',
    input: z.object({
      name,
      payload: values.default({}),
      id: idSchema.optional().describe('The same for every repetition'),
    }),
    output: z.object({ id: idSchema }),
    access: workers,
    http: { method: 'POST', path: '/messages', status: 202 },
    errors: [],
    async execute({ tx, clock, trace }, { name: message, payload, id = newId() }) {
      const { traceId } = trace;
      const fact = { id, name: message, version: 1, key: '', payload, traceId };
      await engine().eventsRecorded(tx, [{ ...fact, occurredAt: clock.now() }]);
      return { id };
    },
  });

  const correlate = defineExternal({
    name: 'messages.correlate',
    summary: 'Give a message to the one instance that waits for it now, or start a process by it',
    description:
      'Finds instances by what they are, not by the fields that their waits are correlated by: by ' +
      'instance, business key, process, and values of their variables. Nothing is kept: when nothing ' +
      'waits for the message and no process begins with it, it is refused.',
    input: z.object({
      name,
      payload: values.default({}),
      instanceId: idSchema.optional(),
      businessKey: z.string().min(1).max(200).optional(),
      process: name.optional(),
      having: values.default({}).describe('Values that variables of the process must have'),
      all: z.boolean().default(false).describe('All that wait for it, instead of exactly one'),
      mayStart: z.boolean().default(true).describe('Whether it may start processes'),
    }),
    output: z.object({
      reached: z.array(z.object({ instanceId: idSchema, started: z.boolean() })),
    }),
    access: workers,
    http: { method: 'POST', path: '/messages/correlate' },
    errors: [messageNotAwaited, messageAmbiguous, instanceSuspended, PROCESS_INPUT_INVALID],
    async execute(context, input) {
      const { name: message, payload, all } = input;
      const waits = await context.transaction(({ tx }) => findWaits(tx, input));
      if (waits.length > 1 && !all) {
        return refuse(
          messageAmbiguous,
          `expected one instance that waits for message "${message}", found ${waits.length} or more`,
        );
      }
      const reached: { instanceId: string; started: boolean }[] = [];
      for (const { instance_id: instanceId, n, node: on } of waits) {
        const request = { type: 'message', n, on, message, payload } as const;
        if (await engine().request(instanceId, request)) {
          reached.push({ instanceId, started: false });
        }
      }
      if (input.mayStart && input.instanceId === undefined && (all || reached.length === 0)) {
        for (const process of startedBy(engine(), message, input.process)) {
          const started = await engine().startProcess({
            ...{ process, message, input: payload, trace: context.trace },
            ...(input.businessKey === undefined ? {} : { businessKey: input.businessKey }),
          });
          if (!isRefusal(started)) reached.push({ instanceId: started.instanceId, started: true });
          else if (started.code === 'PROCESS_INPUT_INVALID') {
            return refuse(PROCESS_INPUT_INVALID, started.detail, { issues: started.issues });
          }
        }
      }
      if (reached.length > 0) return { reached };
      return refuse(
        messageNotAwaited,
        `expected an instance that waits for message "${message}", found none that fits`,
      );
    },
  });

  return [publish, correlate];
}

async function findWaits(
  tx: Transaction,
  wanted: {
    readonly name: string;
    readonly instanceId?: string | undefined;
    readonly businessKey?: string | undefined;
    readonly process?: string | undefined;
    readonly having: Readonly<Record<string, unknown>>;
  },
): Promise<readonly WaitRow[]> {
  const { name: message, instanceId, businessKey, process, having } = wanted;
  const limit = Object.keys(having).length === 0 ? mostReached : mostRead;
  const { rows } = await tx.query<WaitRow>(
    `select distinct on (w.instance_id) w.instance_id, w.n, w.node
       from engine.message_wait w join engine.instance i on i.id = w.instance_id
      where w.message = $1 and w.key <> $6 and ($2::uuid is null or w.instance_id = $2)
        and ($3::text is null or i.business_key = $3) and ($4::text is null or w.process = $4)
      order by w.instance_id, w.n limit $5`,
    [message, instanceId ?? null, businessKey ?? null, process ?? null, limit, signalKey],
  );
  if (Object.keys(having).length === 0) return rows;
  const instances = await loadInstances(
    tx,
    rows.map((row) => row.instance_id),
  );
  const fitting = new Set(
    instances.flatMap(({ identity, state }) =>
      Object.entries(having).every(
        ([key, value]) => JSON.stringify(state.elements[1]?.vars?.[key]) === JSON.stringify(value),
      )
        ? [identity.id]
        : [],
    ),
  );
  return rows.filter((row) => fitting.has(row.instance_id));
}

/** Processes of which the newest version begins with a message. */
function startedBy(engine: Engine, message: string, process: string | undefined): string[] {
  const keys = new Set(engine.models().map(({ key }) => key));
  return [...keys].filter((key) => {
    if (process !== undefined && key !== process) return false;
    return Object.values(engine.model(key)?.nodes ?? {}).some(
      (node) =>
        node.type === 'startEvent' &&
        node.parent === null &&
        node.event?.type === 'message' &&
        node.event.message === message,
    );
  });
}
