/**
 * How large values are, and their digests. A value of a state is frozen and kept by reference from one
 * transition to the next, so it is measured once and not with each transition.
 */
import { hash } from 'node:crypto';

/**
 * Values whose JSON has this many characters or more are stored once and referenced. A state is written
 * anew with each transition, so a process of ten steps writes a value of this size ten times, 160 KiB, where
 * a reference costs one row, and a look-up when the instance is loaded. Below, an instance stays one row:
 * states of ordinary processes are far smaller and must not pay for the look-up.
 */
export const largeFrom = 16 * 1024;

/** The longest JSON that one value may have. Longer ones belong into a store for files, with a reference here. */
export const longestValue = 8 * 1024 * 1024;

/** What is known of a value that is large. */
export interface LargeValue {
  readonly digest: string;
  readonly characters: number;
  /** The instance for which it is known to be stored. */
  storedFor: string | null;
}

type Measure = LargeValue | 'small';

const ofObjects = new WeakMap<object, Measure>();

/** Texts have no identity, so those used last are kept, within a bound. */
const ofTexts = new Map<string, LargeValue>();
let textCharacters = 0;
const mostTextCharacters = 16 * 1024 * 1024;

/** What is known of a value if it is large; null for a small one. */
export function largeValueOf(value: unknown): LargeValue | null {
  if (typeof value === 'string') return value.length < largeFrom ? null : ofText(value);
  if (typeof value !== 'object' || value === null) return null;
  const known = ofObjects.get(value);
  if (known !== undefined) return known === 'small' ? null : known;
  const text = JSON.stringify(value);
  const measure: Measure = text.length < largeFrom ? 'small' : measured(text);
  ofObjects.set(value, measure);
  return measure === 'small' ? null : measure;
}

/** Notes what is known of a value that was read from where it is stored. */
export function knownLarge(value: unknown, large: LargeValue): void {
  if (typeof value === 'object' && value !== null) ofObjects.set(value, large);
  else if (typeof value === 'string') keepText(value, large);
}

function ofText(text: string): LargeValue {
  const known = ofTexts.get(text);
  if (known) return known;
  const large = measured(JSON.stringify(text));
  keepText(text, large);
  return large;
}

function keepText(text: string, large: LargeValue): void {
  if (ofTexts.has(text)) return;
  ofTexts.set(text, large);
  textCharacters += text.length;
  for (const [oldest] of ofTexts) {
    if (textCharacters <= mostTextCharacters) return;
    ofTexts.delete(oldest);
    textCharacters -= oldest.length;
  }
}

function measured(text: string): LargeValue {
  return { digest: hash('sha256', text, 'base64url'), characters: text.length, storedFor: null };
}
