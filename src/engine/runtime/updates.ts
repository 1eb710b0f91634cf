/**
 * Updates: what an instance can be told that changes it. Checked against the state that the transition
 * begins with, so that what was true when it was asked and no longer is does not slip in.
 */
import type { FieldIssue } from '../../kernel/errors.ts';
import { fieldIssues } from '../../kernel/field-issues.ts';
import type { LaterEvent } from '../model/events.ts';
import { asJson } from '../model/json.ts';
import type { InstanceFacts, ProcessModel } from '../model/process-model.ts';
import type { ElementInstance, InstanceState } from '../model/state.ts';
import { processElement, type WorkingState } from './working-state.ts';

/** Whether an update can be taken, and what is answered then. */
export type UpdateVerdict =
  | { readonly outcome: 'taken'; readonly data: unknown; readonly output: unknown }
  | { readonly outcome: 'unknown' }
  | { readonly outcome: 'invalid'; readonly issues: readonly FieldIssue[] }
  | { readonly outcome: 'refused'; readonly reason: string };

/** What queries and updates see. */
export function factsOf(state: Pick<InstanceState, 'status' | 'elements'>): InstanceFacts {
  const elements = Object.values(state.elements) as ElementInstance[];
  return {
    status: state.status,
    active: [...new Set(elements.flatMap(({ node }) => (node === '' ? [] : [node])))],
    variables: state.elements[processElement]?.vars ?? {},
  };
}

/** Says what would come of an update. Throws what its functions throw. */
export function judgeUpdate(
  model: ProcessModel,
  state: InstanceState,
  { name, data }: { readonly name: string; readonly data: unknown },
): UpdateVerdict {
  const definition = model.updates?.[name];
  if (!definition) return { outcome: 'unknown' };
  if (state.status !== 'active') return refused(`the instance is ${state.status}`);
  if (state.suspended) return refused('the instance is suspended');
  const { cancelling, ending } = state.elements[processElement] ?? {};
  if (cancelling) return refused('the instance is being cancelled');
  if (ending) return refused('the instance is about to end');
  const parsed = definition.input.safeParse(data);
  if (!parsed.success) return { outcome: 'invalid', issues: fieldIssues(parsed.error, data) };
  const facts = factsOf(state);
  const reason = definition.check(facts, parsed.data);
  if (reason !== null) return refused(reason);
  const kept = asJson(parsed.data);
  const output = definition.answer ? asJson(definition.answer(facts, parsed.data)) : kept;
  return { outcome: 'taken', data: kept, output };
}

function refused(reason: string): UpdateVerdict {
  return { outcome: 'refused', reason };
}

/** Takes an update into a transition; false when it cannot be taken as the instance stands. */
export function takeUpdate(t: WorkingState, event: LaterEvent & { type: 'update' }): boolean {
  const { id, name, by } = event;
  const verdict = judged(t, event);
  if (verdict?.outcome !== 'taken') return false;
  const { data, output } = verdict;
  t.record('update.accepted', name, processElement, { by, data });
  t.setVariable(processElement, name, data);
  t.effects.updates.push({ id, name, output });
  return true;
}

/** What fails while it is judged is the caller's to hear; the instance itself is well. */
function judged(t: WorkingState, event: LaterEvent & { type: 'update' }): UpdateVerdict | null {
  try {
    return judgeUpdate(t.model, t.current, event);
  } catch {
    return null;
  }
}
