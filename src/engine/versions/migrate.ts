/**
 * Moves one instance to another version: what would come of it (a dry run, on any node, from what is
 * stored), and the record by which it is committed. The commit is that of any transition: fenced by
 * the shard's lease and the instance's revision, with a history entry that says what was changed.
 */
import type { MigrateRequest } from '../model/events.ts';
import type { MigrationPlan, ProcessModel } from '../model/process-model.ts';
import type { InstanceState } from '../model/state.ts';
import { structureOf } from '../model/structure.ts';
import type { ProcessRegistry } from '../runtime/process-registry.ts';
import { processElement } from '../runtime/working-state.ts';
import type { Statements } from '../store/commit-group.ts';
import {
  type Cause,
  type CommitRecord,
  commitRecord,
  type InstanceIdentity,
} from '../store/commit-record.ts';
import type { StoredInstance } from '../store/instance-store.ts';
import { type FitChanges, type Fitted, Fitting } from './fit-instance.ts';
import { readDefinition } from './open-instances.ts';
import type { Problem } from './problem.ts';

/** What a migration does, or would do, or why it cannot. */
export interface Migrated {
  readonly state: InstanceState | null;
  readonly effects: Fitted['effects'] | null;
  readonly changes: FitChanges;
  readonly problems: readonly Problem[];
}

const nothingChanged: FitChanges = { renamed: {}, waitsOpened: [], waitsClosed: [], variables: [] };

function refused(code: Problem['code'], message: string, element = ''): Migrated {
  const problems = [{ code, element, message }];
  return { state: null, effects: null, changes: nothingChanged, problems };
}

/** Carries what is stored over, without writing anything. */
export async function fitStored(options: {
  readonly database: Statements;
  readonly registry: ProcessRegistry;
  readonly request: MigrateRequest;
  readonly stored: Pick<StoredInstance, 'identity' | 'state'> | null;
}): Promise<Migrated> {
  const { database, registry, request, stored } = options;
  if (stored?.state.status !== 'active') {
    return refused('INSTANCE_ENDED', 'expected an open instance, found one that has ended');
  }
  const { process, version } = stored.identity;
  if (version !== request.from) {
    const message = `expected an instance on version ${request.from}, found it on version ${version}`;
    return refused('INSTANCE_MOVED', message);
  }
  const model = registry.find(process, version);
  const worker = model && Object.values(stored.state.elements).find(isAtWork);
  if (worker) {
    const message = `step "${worker.node}" is at work; try again when it is done`;
    return refused('JOB_AT_WORK', message, worker.node);
  }
  if (stored.state.suspended && stored.state.suspended.held.length > 0) {
    const message = 'it is suspended, and what came meanwhile is held back; resume it first';
    return refused('EVENTS_HELD', message);
  }
  const fitting = await fittingOf({ database, registry, process, request });
  return fitting instanceof Fitting ? fitting.carry(stored.state, request.at) : fitting;
}

/** The way from one version to the other; or why there is none. */
async function fittingOf(options: {
  readonly database: Statements;
  readonly registry: ProcessRegistry;
  readonly process: string;
  readonly request: Pick<MigrateRequest, 'from' | 'to' | 'elements' | 'restartTimers'>;
}): Promise<Fitting | Migrated> {
  const { database, registry, process, request } = options;
  const { from, to } = request;
  const target = registry.find(process, to);
  if (!target) {
    const known = registry.all().filter(({ key }) => key === process);
    const versions = known.map(({ version }) => version).join(', ') || 'none';
    return refused(
      'VERSION_MISSING',
      `expected a version of process "${process}" that this program has (${versions}), found ${to}`,
    );
  }
  const model = registry.find(process, from);
  const deployed = model ? null : await readDefinition(database, process, from);
  const structure = model ? structureOf(model) : deployed?.structure;
  if (!structure) {
    const message = `expected a version of process "${process}" that was deployed, found ${from}`;
    return refused('VERSION_MISSING', message);
  }
  return new Fitting(structure, target, planOf(target, request));
}

/** The plan that the version declares, with what the person who asks adds to it. */
function planOf(
  target: ProcessModel,
  { from, elements, restartTimers }: Pick<MigrateRequest, 'from' | 'elements' | 'restartTimers'>,
): MigrationPlan {
  const declared = target.migrations?.[from] ?? {};
  return {
    ...declared,
    ...(elements && { elements: { ...declared.elements, ...elements } }),
    ...(restartTimers && {
      restartTimers: [...(declared.restartTimers ?? []), ...restartTimers],
    }),
  };
}

/** The commit of an instance that fits. */
export function migrationRecord(options: {
  readonly identity: InstanceIdentity;
  readonly revision: number;
  readonly before: InstanceState;
  readonly fitted: Migrated;
  readonly request: MigrateRequest;
  readonly cause: Cause;
}): CommitRecord {
  const { identity, revision, before, fitted, request, cause } = options;
  const { state: carried, effects, changes, renamed } = fitted as Fitted;
  const { from, to, by, at } = request;
  const vars = carried.elements[processElement]?.vars ?? {};
  const data = {
    ...{ from, to, by },
    ...(Object.keys(changes.renamed).length > 0 && { elements: changes.renamed }),
    ...(changes.variables.length > 0 && {
      variables: Object.fromEntries(changes.variables.map((name) => [name, vars[name] ?? null])),
    }),
  };
  const entry = { seq: before.seq, kind: 'process.migrated', node: '', n: processElement } as const;
  const state = { ...carried, seq: before.seq + 1 };
  const incidents = Object.values(state.elements).filter(
    ({ n, incident, node }) => incident && before.elements[n]?.node !== node,
  );
  return commitRecord({
    ...{ identity, revision, before, state, at, cause },
    effects: { ...effects, history: [{ ...entry, data }] },
    migrated: { version: to, renamed, incidents },
  });
}

function isAtWork({ job }: InstanceState['elements'][number]): boolean {
  return job?.phase === 'running';
}
