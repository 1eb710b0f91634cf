/**
 * What one job holds of the limits while it is at work. A job whose procedure finds a limit reached
 * before it did anything is put back in line for that limit and begins anew; one that has done
 * something already waits in its place, without the gates of calls that are over.
 */
import type { Gate } from '../../kernel/gate.ts';
import type { KeyLimit, LimitedProcedure, Limits } from '../../kernel/limits.ts';

/** The job has done nothing and goes back in line: for these gates, or for this key. */
export class Deferred extends Error {
  override readonly name = 'Deferred';
  readonly gates: readonly Gate[];
  readonly key: KeyLimit | null;

  constructor(gates: readonly Gate[], key: KeyLimit | null) {
    super('the step waits for a limit; let this error leave the step');
    this.gates = gates;
    this.key = key;
  }
}

/** Gates and keys of one job. */
export class HeldLimits {
  readonly #limits: Limits;
  readonly #gates: Gate[];
  readonly #keys: string[];
  /** Told of the gates that the calls of the job pass, so that its like waits for them in line. */
  readonly #passes: (gates: readonly Gate[]) => void;

  /** Takes the gates and the key with which the job left the line. */
  constructor(
    limits: Limits,
    taken: { readonly gates: readonly Gate[]; readonly key: KeyLimit | null },
    passes: (gates: readonly Gate[]) => void,
  ) {
    this.#limits = limits;
    this.#gates = [...taken.gates];
    this.#keys = taken.key ? [taken.key.key] : [];
    this.#passes = passes;
    for (const gate of taken.gates) gate.take();
    if (taken.key) limits.takeKey(taken.key.key);
  }

  /** Whether calls of the procedure have to ask. */
  isLimited(procedure: LimitedProcedure): boolean {
    return procedure.limits !== undefined || this.#limits.gatesOf(procedure).length > 0;
  }

  /**
   * Lets one call in; resolves to what is to be called when it is over. With `mayDefer` a limit that is
   * reached throws `Deferred`, else it is waited for.
   */
  async enter(
    procedure: LimitedProcedure,
    input: unknown,
    { mayDefer, signal }: { readonly mayDefer: boolean; readonly signal: AbortSignal },
  ): Promise<() => void> {
    const gates = this.#limits.gatesOf(procedure);
    const key = this.#limits.keyOf(procedure, input);
    if (gates.length > 0) this.#passes(gates);
    for (;;) {
      const closed = gates.some((gate) => !this.#gates.includes(gate) && !gate.isOpen);
      const isBusy = key !== null && !this.#keys.includes(key.key) && !this.#limits.keyIsFree(key);
      if (!closed && !isBusy) break;
      if (mayDefer) throw new Deferred(gates, isBusy ? key : null);
      await this.#change(gates, signal);
    }
    for (const gate of gates) this.#take(gate);
    if (key && !this.#keys.includes(key.key)) {
      this.#keys.push(key.key);
      this.#limits.takeKey(key.key);
    }
    return () => {
      for (const gate of gates) this.#give(gate);
    };
  }

  get hasSome(): boolean {
    return this.#gates.length + this.#keys.length > 0;
  }

  /** Gives everything back: the handler has stopped, and what it wrote is committed or gone. */
  leave(): void {
    for (const gate of this.#gates.splice(0)) gate.give();
    for (const key of this.#keys.splice(0)) this.#limits.giveKey(key);
  }

  /** Gives everything back, unused. */
  leaveUnused(): void {
    for (const gate of this.#gates.splice(0)) gate.giveUnused();
    this.leave();
  }

  /** What the job left the line with serves its first call. */
  #take(gate: Gate): void {
    if (this.#gates.includes(gate)) return;
    gate.take();
    this.#gates.push(gate);
  }

  #give(gate: Gate): void {
    const at = this.#gates.indexOf(gate);
    if (at < 0) return;
    this.#gates.splice(at, 1);
    gate.give();
  }

  /** Resolves when one of the limits may have changed; rejects when the job is told to stop. */
  async #change(gates: readonly Gate[], signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const ends = [
      ...gates.map((gate) => gate.watch(() => resolve())),
      this.#limits.watchKeys(() => resolve()),
    ];
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    // A rate's gate tells its watchers only after it was asked.
    for (const gate of gates) if (!gate.isOpen) continue;
    try {
      await promise;
    } finally {
      signal.removeEventListener('abort', abort);
      for (const end of ends) end();
    }
  }
}
