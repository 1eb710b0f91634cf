/**
 * Starts an instance for somebody who names its process. What cannot begin is refused with what was expected
 * and found, and leaves no trace; a start key that was used before gives the instance that it started.
 */
import { isRefusal, type Refusal, refuse, TerminalFault } from '../../kernel/errors.ts';
import { fieldIssues } from '../../kernel/field-issues.ts';
import type { TraceContext } from '../../kernel/trace.ts';
import type { Transaction } from '../../kernel/transaction.ts';
import type { Database } from '../../postgres/index.ts';
import { PROCESS_INPUT_INVALID, PROCESS_NOT_FOUND } from '../errors.ts';
import type { ProcessModel } from '../model/process-model.ts';
import { startedBy } from '../store/instance-store.ts';
import { longestValue } from '../store/value-measure.ts';
import type { EngineNode } from './engine-node.ts';
import type { PreparedInstance } from './new-instances.ts';
import type { ProcessRegistry } from './process-registry.ts';
import { judgeStart } from './start-payload.ts';

/** What is to be started, and what with. */
export interface StartProcessOptions {
  readonly process: string;
  /** @defaultValue the newest */
  readonly version?: number;
  readonly input: unknown;
  /** Begins at the start event that waits for this message. @defaultValue at the plain one */
  readonly message?: string;
  /** @defaultValue what the process makes of its input */
  readonly businessKey?: string;
  readonly trace: TraceContext;
  /** The same for every repetition, which then starts one instance. @defaultValue each call starts one */
  readonly startKey?: string;
  /** The transaction to start it in. @defaultValue one of its own */
  readonly tx?: Transaction;
}

/** The instance, or why there is none. `existing`: it was started before, under the same start key. */
export type StartProcessResult =
  | { readonly instanceId: string; readonly existing: boolean }
  | Refusal<'PROCESS_NOT_FOUND' | 'PROCESS_INPUT_INVALID'>;

/** What starting needs. */
export interface StartProcessParts {
  readonly database: Database;
  readonly registry: ProcessRegistry;
  readonly node: Pick<EngineNode, 'prepare' | 'startIn' | 'begin'>;
  /** Learns of versions that other nodes have deployed. */
  readonly look: () => Promise<void>;
}

/** Starts an instance, durably, unless `tx` is still to commit. */
export async function startProcess(
  parts: StartProcessParts,
  options: StartProcessOptions,
): Promise<StartProcessResult> {
  const model = await findModel(parts, options);
  if (isRefusal(model)) return model;
  const { error, payload } = judgeStart(model, options.input);
  if (error) {
    return refuse(PROCESS_INPUT_INVALID, `process "${model.key}" does not accept this input`, {
      issues: fieldIssues(error, options.input),
    });
  }
  const prepared = await prepare(parts, model, { ...options, input: payload });
  if (isRefusal(prepared)) return prepared;
  return await commit(parts, options, prepared);
}

async function findModel(
  { registry, look }: StartProcessParts,
  { process, version }: StartProcessOptions,
): Promise<ProcessModel | Refusal<'PROCESS_NOT_FOUND'>> {
  const find = () =>
    version === undefined ? registry.newest(process) : registry.find(process, version);
  // It may have been deployed by another node a moment ago.
  if (!find()) await look();
  const model = find();
  if (model) return model;
  if (version !== undefined) {
    return refuse(
      PROCESS_NOT_FOUND,
      `expected a version of "${process}" that the program has, found ${version}`,
    );
  }
  const known = [...new Set(registry.all().map(({ key }) => key))].join(', ');
  return refuse(PROCESS_NOT_FOUND, `expected one of ${known}; found "${process}"`);
}

/** Computes the instance up to its first waits. */
async function prepare(
  { node }: StartProcessParts,
  model: ProcessModel,
  { process, input, message, businessKey, startKey, trace }: StartProcessOptions,
): Promise<PreparedInstance | Refusal<'PROCESS_NOT_FOUND' | 'PROCESS_INPUT_INVALID'>> {
  const at = startAt(model, message);
  if (at === undefined && message !== undefined) {
    return refuse(
      PROCESS_NOT_FOUND,
      `expected a process that begins with message "${message}", found "${process}"`,
    );
  }
  try {
    return await node.prepare({
      ...{ model, payload: input, longest: longestValue, traceId: trace.traceId },
      startKey: startKey ?? null,
      businessKey: businessKey ?? null,
      ...(at === undefined ? {} : { node: at }),
    });
  } catch (error) {
    if (!(error instanceof TerminalFault)) throw error;
    return refuse(PROCESS_INPUT_INVALID, error.message);
  }
}

async function commit(
  { database, node }: StartProcessParts,
  { process, startKey, tx }: StartProcessOptions,
  prepared: PreparedInstance,
): Promise<StartProcessResult> {
  const startIn = async (own: Transaction) => {
    const known = startKey === undefined ? null : await startedBy(own, process, startKey);
    if (known !== null) return { instanceId: known, existing: true };
    await node.startIn(own, prepared);
    return { instanceId: prepared.id, existing: false };
  };
  if (tx) return await startIn(tx);
  if (startKey !== undefined) return await database.transaction(startIn);
  await node.begin(prepared);
  return { instanceId: prepared.id, existing: false };
}

/** The start event that waits for a message; undefined without one. */
function startAt(model: ProcessModel, message: string | undefined): string | undefined {
  if (message === undefined) return undefined;
  return Object.values(model.nodes).find(
    (node) =>
      node.type === 'startEvent' &&
      node.parent === null &&
      node.event?.type === 'message' &&
      node.event.message === message,
  )?.id;
}
