/** What a person may have changed about where an instance stands. */

/** Where something begins; numbers are those of element instances, as processes.get tells them. */
interface Beginning {
  /** Number of the sub-process to begin in, when several of it run; absent: the only one. */
  readonly scope?: number;
  /** Variables that are set before, in the scope in which it begins. */
  readonly variables?: Readonly<Record<string, unknown>>;
}

/**
 * One change of an instance's tokens: one begins before an element, behind it, or on a sequence flow, or what
 * runs at an element is ended.
 */
export type Instruction =
  | ({ readonly type: 'start-before' | 'start-after'; readonly element: string } & Beginning)
  | ({ readonly type: 'start-at'; readonly flow: string } & Beginning)
  | {
      readonly type: 'cancel';
      readonly element: string;
      /** Number of one element instance; absent: all that run there. */
      readonly n?: number;
    };
