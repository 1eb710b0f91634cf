/** What would come of moving an instance by hand, tried on a copy and kept by nobody. */
import { atMoment } from '../expressions/moment.ts';
import type { HistoryEntry } from '../model/events.ts';
import type { Instruction } from '../model/modification.ts';
import type { ProcessModel } from '../model/process-model.ts';
import type { InstanceState } from '../model/state.ts';
import { modify } from './modification.ts';
import { Transition } from './transition.ts';

/** What would follow, entry by entry; or why it cannot be done. Pure. */
export function judgeModification(
  model: ProcessModel,
  state: InstanceState,
  instructions: readonly Instruction[],
  at: number,
): { readonly history: readonly HistoryEntry[] } | { readonly reason: string } {
  const event = { type: 'modify', at, instructions, reason: '', by: '' } as const;
  return atMoment(at, () => {
    try {
      const t = new Transition(model, state, at);
      const reason = modify(t, event);
      if (reason !== null) return { reason };
      t.settle();
      return { history: t.effects.history };
    } catch (error) {
      return { reason: error instanceof Error ? error.message : String(error) };
    }
  });
}
