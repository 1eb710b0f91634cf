/**
 * Tokens that were verified already. A signature that held once holds again, so only the end of the
 * token is looked at; checking the signature each time costs 0.1 ms of processor time a request.
 */
import type { Caller } from '../../kernel/caller.ts';

/** More callers than one node serves within an hour; beyond it the longest unused is forgotten. */
const mostTokens = 10_000;

/** Remembers whom a token names for as long as it is valid. */
export class VerifiedTokens {
  readonly #known = new Map<string, { readonly caller: Caller; readonly endsAtMs: number }>();

  /** The caller of a token that was verified and is still valid at this moment. */
  find(token: string, now: Date): Caller | undefined {
    const found = this.#known.get(token);
    if (!found) return undefined;
    this.#known.delete(token);
    if (found.endsAtMs <= now.getTime()) return undefined;
    this.#known.set(token, found);
    return found.caller;
  }

  /** Remembers a token whose signature and claims hold. */
  add(token: string, caller: Caller, endsAtMs: number): void {
    this.#known.set(token, { caller, endsAtMs });
    if (this.#known.size <= mostTokens) return;
    for (const [oldest] of this.#known) {
      this.#known.delete(oldest);
      return;
    }
  }
}
