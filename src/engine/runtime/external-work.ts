/**
 * What becomes of an external task when a worker outside says how its work ended. Which worker holds it
 * is no matter of the instance but of the row that stands for it (`external/external-task-store.ts`);
 * here an attempt counts once, and one that was given up before counts no more.
 */
import { assert } from '../../kernel/errors.ts';
import type { LaterEvent } from '../model/events.ts';
import type { Variables } from '../model/expression.ts';
import { asJson, storableText } from '../model/json.ts';
import type { ExternalWait } from '../model/state.ts';
import type { Moves } from './moves.ts';
import { processElement } from './working-state.ts';

type Completed = LaterEvent & { type: 'external-completed' };
type Failed = LaterEvent & { type: 'external-failed' };
type Threw = LaterEvent & { type: 'external-error' };
type Retries = LaterEvent & { type: 'external-retries' };

/** Failures of workers are incidents under this code when no attempt is left. */
const failedCode = 'EXTERNAL_TASK_FAILED';

/** Keeps what the worker handed in and goes on; false when that attempt is over. */
export function externalCompleted(t: Moves, event: Completed): boolean {
  const { n, attempt, variables, local = {}, by } = event;
  const wait = waitOf(t, n);
  if (wait?.attempt !== attempt) return false;
  const node = nodeOf(t, n);
  t.record('external.completed', node.id, n, { by });
  let kept: unknown = variables;
  try {
    const seen = { ...t.variables(n), ...local, ...variables, output: variables };
    if (node.output) kept = asJson(node.output.evaluate(seen));
  } catch (error) {
    // The work is done: nobody is offered it again, and a retry reads what was handed in once more.
    offer(t, n, { ...wait, retries: 0 });
    const message = error instanceof Error ? error.message : String(error);
    t.openIncident(n, 'EXPRESSION_FAILED', message, { type: 'event', event });
    return true;
  }
  stopOffering(t, n);
  if (node.result !== undefined) t.leave(n, kept);
  else {
    assign(t, n, kept);
    t.leave(n);
  }
  return true;
}

/** Offers the task again after a while, or opens an incident; false when that attempt is over. */
export function externalFailed(t: Moves, event: Failed): boolean {
  const { n, attempt, message, details, retries, delayMs, variables, by } = event;
  const wait = waitOf(t, n);
  if (wait?.attempt !== attempt) return false;
  const { node } = t.element(n);
  const failure = { attempt, code: failedCode, message, kind: retries > 0 ? 'retry' : 'terminal' };
  t.record('job.failed', node, n, { ...failure, by, retries, ...(details ? { details } : {}) });
  if (variables) assign(t, n, variables);
  const { freeAt: _, ...rest } = wait;
  offer(t, n, {
    ...rest,
    attempt: attempt + 1,
    retries: Math.max(0, retries),
    ...(retries > 0 && delayMs > 0 ? { freeAt: t.at + delayMs } : {}),
    failed: storableText(message),
  });
  if (retries <= 0) t.openIncident(n, failedCode, message, { type: 'external' });
  return true;
}

/** Hands the error to the nearest event that catches it; false when that attempt is over. */
export function externalThrew(t: Moves, event: Threw): boolean {
  const { n, attempt, code, message, variables } = event;
  if (waitOf(t, n)?.attempt !== attempt) return false;
  stopOffering(t, n);
  assign(t, n, variables);
  t.throwError(n, code, message, variables);
  return true;
}

/** Says how many attempts are left; false when nothing is handed out there. */
export function externalRetries(t: Moves, { n, retries, by }: Retries): boolean {
  const wait = waitOf(t, n);
  if (!wait) return false;
  const { incident, node } = t.element(n);
  t.record('external.retries', node, n, { by, retries });
  if (retries > 0 && incident?.resume.type === 'external') t.closeIncident(n);
  if (retries > 0 && wait.retries === 0) offerAgain(t, n, retries);
  else offer(t, n, { ...wait, retries });
  if (retries > 0 || incident) return true;
  t.openIncident(n, failedCode, `${by} left no attempt to it`, { type: 'external' });
  return true;
}

/** Offers a task of which no attempt was left. */
export function offerAgain(t: Moves, n: number, retries: number): void {
  const wait = waitOf(t, n);
  if (!wait) return;
  const { freeAt: _, ...rest } = wait;
  offer(t, n, { ...rest, attempt: wait.attempt + 1, retries });
}

function waitOf(t: Moves, n: number): ExternalWait | undefined {
  if (!t.has(n)) return undefined;
  return t.element(n).waits?.find((wait) => wait.kind === 'external');
}

function nodeOf(t: Moves, n: number) {
  const node = t.node(t.element(n).node);
  assert(node.type === 'externalTask', `"${node.id}" is no external task but was handed out`);
  return node;
}

function stopOffering(t: Moves, n: number): void {
  const { node } = t.element(n);
  t.dropWaits(n, (on) => on === node);
}

function offer(t: Moves, n: number, wait: ExternalWait): void {
  stopOffering(t, n);
  t.wait(n, wait);
}

/** Each variable goes where it is known already, looked for outward; a new one to the process. */
function assign(t: Moves, n: number, variables: unknown): void {
  if (typeof variables !== 'object' || variables === null) return;
  for (const [name, value] of Object.entries(variables as Variables)) {
    let scope = t.element(n).parent;
    while (scope !== processElement && !Object.hasOwn(t.element(scope).vars ?? {}, name)) {
      scope = t.element(scope).parent;
    }
    t.setVariable(scope, name, value);
  }
}
