/** `GET /api/v1/cluster`: which nodes there are, how they share the shards, and how far they are behind. */
import { z } from 'zod';
import { idSchema } from '../../kernel/ids.ts';
import { countCap } from '../../kernel/page.ts';
import { defineRead } from '../../kernel/procedure.ts';
import type { Engine } from '../engine.ts';
import { type NodeRow, readLag, readNodes, readShards } from '../store/cluster-store.ts';
import { shardCount } from '../store/shard.ts';

const count = z.object({
  value: z.number().int(),
  capped: z.boolean().describe('True when there are at least `value`, and counting stopped there'),
});
const age = z
  .number()
  .int()
  .nullable()
  .describe('Age of the oldest in milliseconds; null for none');
const flag = z.union([z.boolean(), z.stringbool()]);

/** The nodes, their shares and the lag, as operators see them. */
export const clusterSchema = z.object({
  askedNode: idSchema.describe('The node that answers'),
  nodes: z.array(
    z.object({
      id: idSchema,
      name: z.string(),
      host: z.string(),
      pid: z.number().int(),
      role: z.enum(['serve', 'worker', 'api']),
      version: z.string(),
      state: z.enum(['up', 'draining', 'dead']).describe('A dead node is shown for ten minutes'),
      startedAt: z.iso.datetime(),
      heartbeatAgeMs: z.number().int(),
      shards: z.number().int(),
      instancesInMemory: z.number().int(),
      jobsAtWork: z.number().int(),
      jobsQueued: z.number().int(),
    }),
  ),
  shards: z.object({
    total: z.number().int(),
    unowned: z
      .number()
      .int()
      .describe('Nobody moves their instances; more than 0 for long is wrong'),
    list: z
      .array(
        z.object({
          shard: z.number().int(),
          owner: idSchema.nullable(),
          epoch: z.number().int().describe('Grows with every change of owner'),
        }),
      )
      .optional()
      .describe('With `shards=true`'),
  }),
  lag: z.object({
    inbox: z.object({ waiting: count, oldestAgeMs: age }).describe('Requests to instances'),
    timers: z
      .object({ overdue: count, oldestAgeMs: age })
      .describe('Timers that should have fired'),
    messages: z
      .object({ unmatched: count })
      .describe('Kept messages that no wait has taken; many of them may never be'),
  }),
});

/** The procedures over the nodes. */
export function clusterProcedures(engine: () => Engine) {
  const get = defineRead({
    name: 'cluster.get',
    summary: 'Show the nodes, their shards and how far they are behind',
    input: z.object({ shards: flag.default(false).describe('List every shard with its owner') }),
    output: clusterSchema,
    access: ['operator', 'admin'],
    http: { method: 'GET', path: '/cluster' },
    errors: [],
    async execute({ tx, clock }, { shards: withList }) {
      const now = clock.now();
      const nodes = await readNodes(tx);
      const shards = await readShards(tx);
      const lag = await readLag(tx, now, countCap + 1);
      const since = (at: Date | null) => at && Math.max(0, now.getTime() - at.getTime());
      return {
        askedNode: engine().nodeId,
        nodes: nodes.map(nodeView),
        shards: {
          total: shardCount,
          unowned: shards.filter(({ owner }) => owner === null).length,
          ...(withList ? { list: [...shards] } : {}),
        },
        lag: {
          inbox: { waiting: capped(lag.inbox), oldestAgeMs: since(lag.oldestInboxAt) },
          timers: { overdue: capped(lag.timers), oldestAgeMs: since(lag.oldestTimerAt) },
          messages: { unmatched: capped(lag.messages) },
        },
      };
    },
  });
  return [get];
}

function capped(counted: number) {
  return { value: Math.min(counted, countCap), capped: counted > countCap };
}

function nodeView({ startedAt, living, draining, figures, ...node }: NodeRow) {
  const state = !living ? 'dead' : draining ? 'draining' : 'up';
  const figure = (name: string) => figures[name] ?? 0;
  return {
    ...node,
    state,
    startedAt: startedAt.toISOString(),
    instancesInMemory: figure('instancesInMemory'),
    jobsAtWork: figure('jobsAtWork'),
    jobsQueued: figure('jobsQueued'),
  } as const;
}
