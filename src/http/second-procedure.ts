/**
 * Two procedures behind one reading route, for two kinds of things that share a path: the one whose path it
 * is answers first, and where it finds nothing the other one is asked (`alsoAt` of its binding). Which kind an
 * id belongs to is found by looking it up, never guessed from how it is written.
 */
import type { HttpBinding, Procedure } from '../kernel/procedure.ts';
import type { Answer } from './answer.ts';

/** What else is asked at this route. */
export function secondAt(
  { method, path }: HttpBinding,
  procedures: readonly Procedure[],
): Procedure | undefined {
  return procedures.find(({ http }) => http?.alsoAt === path && http.method === method);
}

/** False for an id that is not of the first one's kind, and for one of nothing. */
export function hasFound({ status }: Answer): boolean {
  return status !== 400 && status !== 404;
}

/**
 * Which of the two answers is told: what was found, or that there is no such thing, by the one that knows
 * such ids. Who may not ask the second one is told what they would be told without it.
 */
export function secondWord(first: Answer, second: Answer): Answer {
  if (second.status < 400) return second;
  return first.status === 400 && second.status === 404 ? second : first;
}
