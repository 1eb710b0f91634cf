/** What a diagram says beside what was drawn: where an instance stands, or how many instances stand where. */

/** Where an element stands in an instance; the first that holds of what is there now, then of what has been. */
export type ElementState =
  | 'incident'
  | 'retrying'
  | 'running'
  | 'waiting'
  | 'completed'
  | 'cancelled';

/** Every state, the one that matters most first. */
export const elementStates = [
  'incident',
  'retrying',
  'running',
  'waiting',
  'completed',
  'cancelled',
] as const satisfies readonly ElementState[];

/** A number at the corner of an element. */
export interface Badge {
  readonly kind: ElementState;
  /** A single one, alone at its element, is shown without its number unless the marks are counts. */
  readonly count: number;
}

/** What is said of one element. */
export interface ElementMark {
  /** Absent: it looks as it was drawn. */
  readonly state?: ElementState;
  readonly badges: readonly Badge[];
  /** One sentence, told to who points at the element and to those who cannot see the picture. */
  readonly note: string;
}

/** Marks by the ids of the drawing. */
export interface Marks {
  readonly elements: ReadonlyMap<string, ElementMark>;
  /** Sequence flows that tokens have taken. */
  readonly taken: ReadonlySet<string>;
  /** True: numbers are shown even when they are 1. */
  readonly areCounts: boolean;
}

/** Nothing is marked. */
export const noMarks: Marks = { elements: new Map(), taken: new Set(), areCounts: false };
