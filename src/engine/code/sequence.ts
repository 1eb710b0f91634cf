/**
 * `sequence`: several elements as one, to be used in more than one place or as the body of a branch.
 * Nothing runs around them: their steps are as known outside as if they had been written there.
 */
import { addContent, type Content, type Site } from './content.ts';
import type { Element, Flow, FlowLike } from './flow.ts';
import { contentOf } from './flow-builder.ts';
import type { Branch, Ends, Known } from './known.ts';

type Any = Element<string, never, unknown, unknown, Ends, never>;

type InOf<E> = E extends Element<string, infer In, unknown, unknown, Ends, never> ? In : never;
type OutOf<E> = E extends Element<string, never, infer Out, unknown, Ends, never> ? Out : never;
type ProvidesOf<List> = List extends readonly [infer First, ...infer Rest]
  ? (First extends Element<string, never, unknown, infer Provides, Ends, never>
      ? Provides
      : unknown) &
      ProvidesOf<Rest>
  : unknown;
type LastOf<List> = List extends readonly [...unknown[], infer Last] ? Last : never;

/** Stands where an element cannot take what the one before it gives. */
interface DoesNotFit<Given> {
  readonly previousOutputDoesNotFitAndNeedsAMapping: Given;
}

/** The list, with an error in place of each element that does not fit the one before it. */
export type Chained<List> = List extends readonly [infer A, infer B, ...infer Rest]
  ? readonly [A, ...ChainedAfter<A, readonly [B, ...Rest]>]
  : List;
type ChainedAfter<A, List extends readonly unknown[]> = List extends readonly [
  infer B,
  ...infer Rest,
]
  ? readonly [OutOf<A> extends InOf<B> ? B : DoesNotFit<OutOf<A>>, ...ChainedAfter<B, Rest>]
  : readonly [];

/** The elements of a body as one element. */
export function sequence<R extends Known, K extends Known = Known>(
  body: (flow: Flow<Branch<K>>) => FlowLike<R>,
): Element<string, unknown, R['last'], Omit<R['steps'], keyof K['steps']>, R['ends'], K>;
/** Elements after one another, each given the output of the one before. */
export function sequence<const List extends readonly [Any, ...Any[]]>(
  ...elements: List & Chained<List>
): Element<
  string,
  InOf<List[0]>,
  OutOf<LastOf<List>>,
  ProvidesOf<List>,
  LastOf<List> extends Element<string, never, unknown, unknown, infer E, never> ? E : 'no'
>;
export function sequence(...bodies: readonly unknown[]): unknown {
  const contents = bodies.map((body) => contentOf(body as never));
  const content: Content = {
    parts: contents.flatMap((one) => one.parts),
    handlers: contents.flatMap((one) => one.handlers),
  };
  return Object.freeze({
    id: content.parts.map((part) => part.id).join('+'),
    compile: (site: Site) => ({
      ...addContent(content, { ...site, isScope: false }),
      activity: null,
    }),
  });
}
