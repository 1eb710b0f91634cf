/** Chance from a seed: the same seed draws the same things in the same order. */

/** Draws numbers and choices. */
export interface Draw {
  /** A number from 0 up to, but not including, 1. */
  chance(): number;
  /** A whole number between the two, both included. */
  between(least: number, most: number): number;
  /** One of the things, each as likely as its weight says. */
  oneOf<T>(choices: readonly (readonly [weight: number, thing: T])[]): T;
}

/** Draws from a seed by mulberry32, which is small, fast, and good enough to choose what to break. */
export function drawFrom(seed: number): Draw {
  let state = seed >>> 0;
  function chance(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
  return {
    chance,
    between: (least, most) => least + Math.floor(chance() * (most - least + 1)),
    oneOf(choices) {
      let left = chance() * choices.reduce((sum, [weight]) => sum + weight, 0);
      for (const [weight, thing] of choices) {
        left -= weight;
        if (left < 0) return thing;
      }
      return choices.at(-1)![1];
    },
  };
}
