/** Who did it, as it is written down: the id of a user, or the kind of program. */
import type { Caller } from '../../kernel/caller.ts';

/** The caller as one word. */
export function actorOf(caller: Caller): string {
  return caller.userId ?? caller.kind;
}
