/**
 * What a person may do with an incident: have it tried again, or skip what failed with a reason and
 * a result that stands for the one that is missing.
 */
import type { LaterEvent } from '../model/events.ts';
import { isActivity } from '../model/process-model.ts';
import type { Resume } from '../model/state.ts';
import { offerAgain } from './external-work.ts';
import { endLingering } from './lingering.ts';
import type { Moves } from './moves.ts';
import { processElement } from './working-state.ts';

type RetryEvent = LaterEvent & { type: 'incident-retry' };
type SkipEvent = LaterEvent & { type: 'incident-skip' };

/** Tries again what failed. `apply` handles an event that could not be handled before. */
export function retryIncident(
  t: Moves,
  { n, by, at }: RetryEvent,
  apply: (event: LaterEvent) => boolean,
): boolean {
  const incident = t.has(n) ? t.element(n).incident : undefined;
  if (!incident) return false;
  t.record('incident.retried', t.element(n).node, n, { by });
  t.closeIncident(n);
  resume(t, n, incident.resume, (event) => apply({ ...event, at }));
  return true;
}

function resume(t: Moves, n: number, how: Resume, apply: (event: LaterEvent) => boolean): void {
  switch (how.type) {
    case 'job':
      tryJobAgain(t, n);
      return;
    case 'external':
      offerAgain(t, n, 1);
      return;
    case 'enter':
      if (n !== processElement) t.reenter(n);
      else if (how.start !== undefined) t.enterProcess(how.start, how);
      return;
    case 'leave':
      t.leave(n, how.result);
      return;
    case 'scope':
      t.lookAtScope(n);
      return;
    case 'event': {
      const { job } = t.element(n);
      if (job && isOfJob(how.event)) t.patch(n, { job: { ...job, phase: 'running' } });
      apply(how.event);
      return;
    }
    default:
  }
}

function isOfJob(event: LaterEvent): boolean {
  return event.type === 'job-completed' || event.type === 'job-failed';
}

/** The attempts that were made before no longer count for the retry policy. */
function tryJobAgain(t: Moves, n: number): void {
  const { job } = t.element(n);
  if (!job) return;
  t.patch(n, { job: { ...job, countsFrom: job.attempt } });
  t.startJob(n, job.attempt + 1, job.unknown ?? false);
}

/** Goes on as if what failed had given `output`. */
export function skipIncident(t: Moves, { n, by, reason, output }: SkipEvent): boolean {
  const incident = t.has(n) ? t.element(n).incident : undefined;
  if (!incident) return false;
  const { type } = incident.resume;
  if (n === processElement && type === 'enter') return false;
  t.record('incident.skipped', t.element(n).node, n, { by, reason, output });
  t.closeIncident(n);
  if (type === 'dismiss') return true;
  if (n !== processElement) skipElement(t, n, output);
  else if (type === 'scope') t.end('completed', output, null);
  return true;
}

function skipElement(t: Moves, n: number, output: unknown): void {
  if (t.element(n).lingering) {
    endLingering(t, n, 'cancelled');
    return;
  }
  const node = t.node(t.element(n).node);
  if (node.type === 'exclusiveGateway') {
    t.leaveBy(n, node.defaultFlow === undefined ? node.outgoing.slice(0, 1) : [node.defaultFlow]);
  } else if (node.type === 'inclusiveGateway' || node.type === 'complexGateway') {
    const isThrough = t.element(n).began !== undefined;
    const some = node.defaultFlow === undefined ? node.outgoing.slice(0, 1) : [node.defaultFlow];
    t.leaveBy(n, isThrough ? [] : some);
  } else if (node.type === 'eventBasedGateway') t.leaveBy(n, node.outgoing.slice(0, 1));
  // Only a normal completion is undone later; what a person skipped was never done.
  else if (isActivity(node)) t.skip(n, output);
  else t.leave(n, output);
}
