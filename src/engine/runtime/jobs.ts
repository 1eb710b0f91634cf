/** What becomes of a service task when an attempt of its job has failed. */
import { assert } from '../../kernel/errors.ts';
import type { LaterEvent } from '../model/events.ts';
import { storableText } from '../model/json.ts';
import type { RetryPolicy } from '../model/process-model.ts';
import type { Moves } from './moves.ts';

type JobFailed = LaterEvent & { type: 'job-failed' };

/** Plans the next attempt, hands a business error to who catches it, or opens an incident. */
export function jobFailed(t: Moves, { n, attempt, error, chance }: JobFailed): void {
  const { node: id, job: before } = t.element(n);
  const { kind, code, message } = error;
  t.record('job.failed', id, n, { attempt, code, message, kind });
  const counted = before?.countsFrom ?? 0;
  const isUnknown = error.outcomeUnknown === true || before?.unknown === true;
  const job = {
    attempt,
    ...(counted > 0 ? { countsFrom: counted } : {}),
    ...(isUnknown ? { unknown: true } : {}),
  };
  if (kind === 'error') {
    // It said no. Only when an earlier attempt may have done the work is there something to undo.
    t.patch(n, { job: { ...job, phase: 'stopped', ...(isUnknown ? {} : { refused: true }) } });
    t.throwError(n, code, message, error.data ?? null, error.procedure);
    return;
  }
  const node = t.node(id);
  assert(node.type === 'serviceTask', `"${id}" is no service task but had a job`);
  if (kind === 'retry' && attempt - counted < node.retry.maxAttempts) {
    const delay = retryDelayMs(node.retry, attempt - counted, chance);
    const failed = { code, message: storableText(message) };
    t.patch(n, { job: { ...job, phase: 'backoff', failed } });
    t.wait(n, { kind: 'timer', on: id, due: t.at + Math.max(delay, error.retryAfterMs ?? 0) });
    return;
  }
  t.patch(n, { job: { ...job, phase: 'stopped' } });
  if (kind === 'retry' && node.retry.error !== undefined) {
    // What was tried may have been done: it is undone as if it had been.
    t.throwError(n, node.retry.error, message, { code }, error.procedure);
    return;
  }
  t.openIncident(n, code, message, { type: 'job' }, error.procedure);
}

/** Exponential backoff with jitter: the share `jitter` of the delay is random. `attempt` from 1. */
function retryDelayMs(policy: RetryPolicy, attempt: number, chance: number): number {
  const growing = Math.min(
    policy.initialDelayMs * policy.factor ** (attempt - 1),
    policy.maxDelayMs,
  );
  const full = policy.delaysMs?.[attempt - 1] ?? policy.delaysMs?.at(-1) ?? growing;
  return Math.round(full * (1 - policy.jitter) + full * policy.jitter * chance);
}
