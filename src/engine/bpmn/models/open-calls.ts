/** Calls of procedures that wait for what a script says of them. */
import { z } from 'zod';
import { defineExternal, type Procedure } from '../../../kernel/procedure.ts';

/** Name of the procedure by which business rule tasks decide. */
export const deciding = 'decisions.decide';

/** A procedure that was called by a step, and has not answered yet. */
export interface OpenCall {
  readonly instance: string;
  readonly node: string;
  readonly n: number;
  readonly give: (value: unknown) => void;
  readonly fail: (error: Error) => void;
}

/** All calls that are open, on whichever node. */
export class OpenCalls {
  #calls: OpenCall[] = [];

  /** A procedure whose calls wait here. */
  procedure(name: string): Procedure {
    return defineExternal({
      name,
      summary: 'Answered by a script',
      input: z.unknown(),
      output: z.unknown(),
      access: ['service'],
      errors: [],
      execute: ({ idempotencyKey, signal }) =>
        new Promise((give, fail) => {
          const [instance = '', node = '', n] = idempotencyKey.split('/');
          // A decision answers with more than its result.
          const answer = (value: unknown) =>
            give(name === deciding ? { result: value, rows: [{ value }] } : value);
          const call: OpenCall = { instance, node, n: Number(n), give: answer, fail };
          this.#calls.push(call);
          signal.addEventListener('abort', () => {
            this.#calls = this.#calls.filter((one) => one !== call);
            fail(new Error('the job was told to stop'));
          });
        }),
    });
  }

  /** The oldest call of an element; the script's answer is for that one. Null while there is none. */
  take(instance: string, node: string): OpenCall | null {
    const open = this.#calls.filter((call) => call.instance === instance && call.node === node);
    const [first] = open.sort((a, b) => a.n - b.n);
    if (first) this.#calls.splice(this.#calls.indexOf(first), 1);
    return first ?? null;
  }

  /** What was asked by nodes that are dead is answered to nobody. */
  forget(): void {
    const calls = this.#calls;
    this.#calls = [];
    for (const { fail } of calls) fail(new Error('the node that asked is dead'));
  }
}
