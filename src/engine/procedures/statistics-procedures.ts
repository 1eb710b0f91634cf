/** Procedures over the counts of instances: per version, and per element of a version. */
import { z } from 'zod';
import { defineRead, defineTransactional } from '../../kernel/procedure.ts';
import type { Engine } from '../engine.ts';
import {
  type CountRow,
  mendCounts,
  readCountDifferences,
  readCounts,
} from '../store/count-store.ts';

const count = z.number().int();

/** The counts of one element. */
const elementCountsSchema = z.object({
  element: z.string(),
  name: z.string(),
  type: z.string(),
  tokens: count,
  incidents: count,
  retrying: count.describe('Steps that failed and are tried again'),
  completed: count.describe('Runs that completed since the version was deployed'),
});

/** The counts of one version of a process. */
export const versionCountsSchema = z.object({
  process: z.string(),
  version: count,
  name: z.string(),
  running: count,
  waiting: count,
  suspended: count,
  completed: count,
  failed: count,
  cancelled: count,
  incidents: count,
  retrying: count,
  elements: z
    .array(elementCountsSchema)
    .describe('Where tokens stand, and what was done; only with `process`'),
});

const statuses = ['running', 'waiting', 'suspended', 'completed', 'failed', 'cancelled'] as const;

/** Longest list of differences that a check answers with. */
const mostDifferences = 200;

/** Counting anew reads every instance. */
const recountMs = 10 * 60_000;

/** The procedures over counts of an engine. */
export function statisticsProcedures(engine: () => Engine) {
  const statistics = defineRead({
    name: 'processes.statistics',
    summary: 'Count instances by version, and with a process given by element',
    description:
      'Exact at the moment of asking, and as quick with a million instances as with ten: the counts ' +
      'are kept with each transition.',
    input: z.object({
      process: z.string().max(200).optional(),
      version: z.coerce.number().int().min(1).optional(),
    }),
    output: z.object({ versions: z.array(versionCountsSchema) }),
    access: ['operator', 'manager', 'support', 'admin'],
    http: { method: 'GET', path: '/processes/statistics' },
    errors: [],
    async execute({ tx }, { process, version }) {
      const rows = await readCounts(tx, {
        ...(process === undefined ? {} : { process, withDone: true }),
        ...(version === undefined ? {} : { version }),
      });
      return { versions: versionCounts(engine(), rows, process !== undefined) };
    },
  });

  const check = defineRead({
    name: 'processes.check-statistics',
    summary: 'Count all instances anew and compare; reads every instance',
    input: z.object({}),
    output: z.object({
      exact: z.boolean(),
      differences: z.array(
        z.object({
          process: z.string(),
          version: count,
          kind: z.string(),
          element: z.string(),
          counted: count,
          known: count,
        }),
      ),
    }),
    access: ['operator', 'admin'],
    http: { method: 'GET', path: '/processes/statistics/check' },
    errors: [],
    timeoutMs: recountMs,
    async execute({ tx }) {
      const found = await readCountDifferences(tx, mostDifferences);
      const differences = found.map(({ node, ...rest }) => ({ ...rest, element: node }));
      return { exact: differences.length === 0, differences };
    },
  });

  const repair = defineTransactional({
    name: 'processes.repair-statistics',
    summary: 'Count all instances anew and put right what differs',
    input: z.object({}),
    output: z.object({ mended: count }),
    access: ['admin'],
    http: { method: 'POST', path: '/processes/statistics/repair' },
    errors: [],
    timeoutMs: recountMs,
    execute: async ({ tx, clock }) => ({ mended: await mendCounts(tx, clock.now()) }),
  });
  return [statistics, check, repair];
}

function versionCounts(engine: Engine, rows: readonly CountRow[], withElements: boolean) {
  const byVersion = Map.groupBy(rows, ({ process, version }) => `${process} ${version}`);
  return [...byVersion.values()].map((counts) => {
    const { process, version } = counts[0]!;
    const model = engine.model(process, version);
    const sum = (kind: string) =>
      counts.filter((row) => row.kind === kind).reduce((total, { n }) => total + n, 0);
    const byNode = Map.groupBy(
      counts.filter(({ kind }) => !(statuses as readonly string[]).includes(kind)),
      ({ node }) => node,
    );
    const elements = [...byNode].map(([element, own]) => {
      const of = (kind: string) => own.find((row) => row.kind === kind)?.n ?? 0;
      const node = model?.nodes[element];
      return {
        element,
        name: node?.name || element || (model?.name ?? process),
        type: element === '' ? 'process' : (node?.type ?? 'unknown'),
        tokens: of('tokens'),
        incidents: of('incidents'),
        retrying: of('retrying'),
        completed: of('done'),
      };
    });
    return {
      process,
      version,
      name: model?.name ?? process,
      running: sum('running'),
      waiting: sum('waiting'),
      suspended: sum('suspended'),
      completed: sum('completed'),
      failed: sum('failed'),
      cancelled: sum('cancelled'),
      incidents: sum('incidents'),
      retrying: sum('retrying'),
      elements: withElements ? elements : [],
    };
  });
}
