/**
 * `forEach`: runs a body once for each item of a list, one after the other or all at once, each run
 * in a scope of its own. Its output is the list of the runs' results, in the order of the items.
 */

import { expression } from '../model/expression.ts';
import { authored, placeAfter, readerOf, type Site, withoutMapping } from './content.ts';
import type { Element, Flow, FlowLike } from './flow.ts';
import { contentOf } from './flow-builder.ts';
import type { Iteration, Known, ResultOf, Scope } from './known.ts';
import { checkId, nameOf } from './names.ts';
import { addEmbedded } from './subprocess.ts';

/** Over what, and what for each. */
export interface ForEachOptions<Id extends string, K extends Known, Item, R extends Known> {
  readonly id: Id;
  readonly name?: string;
  readonly items: (scope: Scope<K>) => readonly Item[];
  /** The item is the `inputData` of its first step, and `steps['<id>.item']` in all of them. */
  readonly body: (flow: Flow<Iteration<K, Id, Item>>) => FlowLike<R>;
  /**
   * `sequential`: one run begins when the one before is done. `parallel`: all begin at once.
   *
   * @defaultValue 'sequential'
   */
  readonly mode?: 'sequential' | 'parallel';
  /** Ends the loop early, asked after each run; the other runs are then cancelled. */
  readonly until?: (progress: { readonly completed: number; readonly total: number }) => boolean;
}

/** Runs a body for each item of a list, and goes on when all runs are done, or `until` says that it is enough. */
export function forEach<
  const Id extends string,
  Item,
  K extends Known = Known,
  R extends Known = Known,
>(
  options: ForEachOptions<Id, K, Item, R>,
): Element<Id, unknown, ResultOf<R>[], { readonly [Name in Id]: ResultOf<R>[] }, 'no', K> {
  const { id, until } = options;
  checkId(id);
  const content = contentOf(options.body as never);
  const item = `${id}.item`;
  return Object.freeze({
    id,
    compile: (given: Site) => {
      const site = withoutMapping(given);
      const multiInstance = {
        sequential: options.mode !== 'parallel',
        collection: authored<readonly unknown[]>(site, options.items),
        item,
        ...(until && {
          completionCondition: expression(
            ({ completed, total }) => until({ completed: Number(completed), total: Number(total) }),
            String(until),
          ),
        }),
      };
      addEmbedded(site, { id, name: options.name ?? nameOf(id), multiInstance }, content, {
        first: { known: new Map([...site.known, [item, null]]), last: [readerOf(item)] },
      });
      return placeAfter(site, { source: id }, null);
    },
  });
}
