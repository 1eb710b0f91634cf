/**
 * The door: turns work away while there is more of it than can be done, instead of letting it pile up.
 * It looks at figures with two bounds each: it closes above the upper one and opens below the lower
 * one, so that it does not flutter. It closes in two steps: first for work that begins something new,
 * and at twice the bound for all that changes something. Reading is never turned away by it.
 *
 * Its answer says when to come again: from how fast the figure falls, spread, so that those who were
 * turned away together do not come back together.
 */

/** What a request asks for. */
export type WorkKind =
  /** Begins something that goes on for long afterwards: a process. */
  | 'new'
  /** Changes something, or moves what is under way. */
  | 'under way';

/** A figure that says how much there is to do. */
export interface LoadFigure {
  /** For logs and metrics. */
  readonly name: string;
  /** For whoever is turned away: what there is too much of. */
  readonly what: string;
  readonly read: () => number;
  /** Above this nothing new is let in, and above twice of it nothing that changes anything. */
  readonly closesAbove: number;
  /** Below this all is well again. */
  readonly opensBelow: number;
}

/** Why somebody was turned away, and when to come again. */
export interface TurnedAway {
  readonly figure: LoadFigure;
  readonly value: number;
  readonly retryAfterSeconds: number;
}

/** What a door is made of. */
export interface DoorOptions {
  readonly figures: readonly LoadFigure[];
  /** Milliseconds of a steady clock. @defaultValue the machine's */
  readonly nowMs?: () => number;
  /** A number from 0 to 1. @defaultValue a random one */
  readonly chance?: () => number;
}

/** Figures are looked at when this much time has passed, or so many were let in since. */
const lookEveryMs = 100;
const lookEvery = 25;
const longestRetrySeconds = 60;
/** When a figure does not fall, nobody knows how long it takes. */
const unknownRetrySeconds = 10;

interface Watched {
  readonly figure: LoadFigure;
  value: number;
  /** 0: open. 1: nothing new. 2: nothing that changes anything. */
  closed: 0 | 1 | 2;
  /** The highest value since it closed, and when. */
  peak: number;
  peakAt: number;
}

/** Lets requests in, or says when to come again. */
export class Door {
  readonly #watched: readonly Watched[];
  readonly #nowMs: () => number;
  readonly #chance: () => number;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #letIn = 0;

  constructor({ figures, nowMs = () => performance.now(), chance = Math.random }: DoorOptions) {
    this.#watched = figures.map((figure) => ({
      figure,
      value: 0,
      closed: 0,
      peak: 0,
      peakAt: 0,
    }));
    this.#nowMs = nowMs;
    this.#chance = chance;
  }

  /** Null when it may come in. */
  refusal(kind: WorkKind): TurnedAway | null {
    this.#look();
    const least = kind === 'new' ? 1 : 2;
    const watched = this.#watched.find(({ closed }) => closed >= least);
    if (!watched) {
      this.#letIn += 1;
      return null;
    }
    const { figure, value } = watched;
    return { figure, value, retryAfterSeconds: this.#retryAfter(watched) };
  }

  /** Each figure, and how far the door is closed because of it: 0, 1 or 2. */
  state(): readonly { readonly name: string; readonly value: number; readonly closed: number }[] {
    this.#look();
    return this.#watched.map(({ figure, value, closed }) => ({ name: figure.name, value, closed }));
  }

  #look(): void {
    const now = this.#nowMs();
    if (now - this.#lookedAt < lookEveryMs && this.#letIn < lookEvery) return;
    this.#lookedAt = now;
    this.#letIn = 0;
    for (const watched of this.#watched) {
      const { closesAbove, opensBelow, read } = watched.figure;
      const value = read();
      watched.value = value;
      if (value < opensBelow) watched.closed = 0;
      else if (value > closesAbove * 2) watched.closed = 2;
      else if (value > closesAbove && watched.closed === 0) watched.closed = 1;
      // Twice the bound has a lower bound of its own: the bound.
      else if (value < closesAbove && watched.closed === 2) watched.closed = 1;
      if (watched.closed === 0 || value > watched.peak) {
        watched.peak = value;
        watched.peakAt = now;
      }
    }
  }

  #retryAfter({ figure, value, peak, peakAt }: Watched): number {
    const fallenInMs = this.#nowMs() - peakAt;
    const perSecond = fallenInMs > 0 ? ((peak - value) * 1_000) / fallenInMs : 0;
    const left = Math.max(0, value - figure.opensBelow);
    const expected = perSecond > 0 ? left / perSecond : unknownRetrySeconds;
    const spread = expected * (1 + this.#chance() / 2);
    return Math.min(longestRetrySeconds, Math.max(1, Math.ceil(spread)));
  }
}
