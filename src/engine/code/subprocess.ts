/**
 * `subprocess`: steps that succeed or fail together. It has its own variables, can be caught
 * (`.catch`), listened in (`.on`) and undone as a whole; what follows sees only its result, which is
 * the output of its last step, or `null` when it ended early.
 */

import { expression } from '../model/expression.ts';
import type { SubProcess } from '../model/process-model.ts';
import { type Content, placeAfter, readLast, type Site, withoutMapping } from './content.ts';
import type { Body, BodyResult, Element } from './flow.ts';
import { contentOf } from './flow-builder.ts';
import type { Inner, Known, ResultOf } from './known.ts';
import { checkId, nameOf } from './names.ts';
import { addInside } from './scope.ts';

/** Steps with a scope of their own. */
export interface SubprocessOptions<Id extends string, B> {
  readonly id: Id;
  readonly name?: string;
  readonly body: B;
}

/** Runs steps in a scope of their own: what follows sees their result only, and they fail as one. */
export function subprocess<
  const Id extends string,
  K extends Known = Known,
  B extends Body<Inner<K>> = Body<Inner<K>>,
>(
  options: SubprocessOptions<Id, B>,
): Element<
  Id,
  unknown,
  ResultOf<BodyResult<Inner<K>, B>>,
  { readonly [Name in Id]: ResultOf<BodyResult<Inner<K>, B>> },
  'no',
  K
> {
  const { id } = options;
  checkId(id);
  const content = contentOf(options.body as never);
  return Object.freeze({
    id,
    compile: (site: Site) => {
      addEmbedded(withoutMapping(site), { id, name: options.name ?? nameOf(id) }, content);
      return placeAfter(site, { source: id }, null);
    },
  });
}

/** Adds an embedded sub-process whose result is the output of its last step, shaped by `shape`. */
export function addEmbedded(
  site: Site,
  node: Pick<SubProcess, 'id' | 'name' | 'multiInstance'>,
  content: Content,
  more: { readonly first?: Partial<Site>; readonly shape?: (last: unknown) => unknown } = {},
): void {
  const { id } = node;
  const shape = more.shape ?? ((last: unknown) => last);
  // The result is read when the sub-process has run, by what its content turns out to hold.
  let { last } = site;
  const ran = (variables: Readonly<Record<string, unknown>>) => readLast(last, variables) ?? null;
  site.graph.add(
    {
      type: 'subProcess',
      parent: site.container,
      triggeredByEvent: false,
      result: id,
      output: expression((variables) => shape(ran(variables)), 'output of the last step'),
      ...node,
    },
    site.entry,
  );
  const inside = { known: site.known, last: site.last, ...more.first };
  const place = addInside(
    site,
    {
      container: id,
      start: { id: `${id}.start`, name: 'Start', event: null },
      endId: `${id}.end`,
      known: inside.known,
      last: inside.last,
    },
    content,
  );
  last = place.exits.length > 0 ? place.last : [];
}
