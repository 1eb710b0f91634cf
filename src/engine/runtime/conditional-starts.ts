/**
 * Processes that begin by a condition. Before there is an instance there are no variables, so somebody
 * brings what the condition reads: it is read at that moment, and what it holds for begins with it.
 */
import { atMoment } from '../expressions/moment.ts';
import { namedValues } from '../model/named-values.ts';
import type { Start } from './process-registry.ts';

/** Which of the start events hold, and which could not be read. */
export interface ReadConditions {
  readonly held: readonly Start[];
  readonly failed: readonly { readonly process: string; readonly message: string }[];
}

/** Reads the conditions of start events; null is false, as in all conditions of events. */
export function readConditions(
  starts: readonly Start[],
  given: unknown,
  at: number,
): ReadConditions {
  const held: Start[] = [];
  const failed: { process: string; message: string }[] = [];
  for (const one of starts) {
    const { event, result = 'input' } = one.start;
    if (event?.type !== 'conditional') continue;
    const { source, evaluate } = event.condition;
    try {
      const value = atMoment(at, () => evaluate(namedValues(result, given)));
      if (value === true) held.push(one);
      else if (value !== false && value !== null) {
        throw new Error(`expected "${source}" to be true or false, found ${JSON.stringify(value)}`);
      }
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      failed.push({ process: one.model.key, message });
    }
  }
  return { held, failed };
}
