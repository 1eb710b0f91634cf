/**
 * `parallel`: several branches side by side. With `waitForAll` (the usual) it goes on when all are
 * done; without, the first to be done wins and the others are cancelled. What losers had completed
 * stays until it is undone like any other step.
 */
import { expectAuthored } from '../model/authoring-error.ts';
import { expression } from '../model/expression.ts';
import {
  addContent,
  type Content,
  type Place,
  placeAfter,
  type Site,
  withoutMapping,
} from './content.ts';
import type { BodyResult, BranchBody, Element } from './flow.ts';
import { contentOf } from './flow-builder.ts';
import type { Branch, Inner, Known, ResultOf } from './known.ts';
import { checkId, nameOf } from './names.ts';
import { addEmbedded } from './subprocess.ts';

/** Branches by name, or in a list. */
export type Branches<K extends Known> =
  | Readonly<Record<string, BranchBody<K>>>
  | readonly [BranchBody<K>, ...BranchBody<K>[]];

type NamesOf<B> = B extends readonly unknown[] ? Exclude<keyof B, keyof unknown[]> : keyof B;

type UnionToIntersection<U> = (U extends unknown ? (u: U) => void : never) extends (
  u: infer I,
) => void
  ? I
  : never;

/** Steps of all branches; those of a branch that always ends are never seen. */
type AllSteps<K extends Known, B> = UnionToIntersection<
  { [Name in NamesOf<B>]: StepsOf<K, BodyResult<Branch<K>, B[Name]>> }[NamesOf<B>]
>;
type StepsOf<K extends Known, R> = R extends Known ? Omit<R['steps'], keyof K['steps']> : never;

type AnyEnds<K extends Known, B> = [
  { [Name in NamesOf<B>]: BodyResult<Branch<K>, B[Name]>['ends'] }[NamesOf<B>],
] extends ['no']
  ? 'no'
  : 'maybe';

/** Which branch won, with the output of its last step. */
export type Winner<K extends Known, B> = {
  [Name in NamesOf<B>]: {
    readonly branch: Name;
    readonly output: ResultOf<BodyResult<Inner<K>, B[Name]>>;
  };
}[NamesOf<B>];

/** Branches, and whether all or the first of them must be done. */
export interface ParallelOptions<Id extends string, B, All extends boolean> {
  readonly id: Id;
  readonly name?: string;
  readonly branches: B;
  /** @defaultValue true */
  readonly waitForAll?: All;
}

/** Runs branches side by side. `inputData` behind it is what it was before it. */
export function parallel<
  const Id extends string,
  K extends Known = Known,
  const B extends Branches<K> = Branches<K>,
  const All extends boolean = true,
>(
  options: ParallelOptions<Id, B, All>,
): Element<
  Id,
  unknown,
  All extends true ? K['last'] : Winner<K, B>,
  All extends true ? AllSteps<K, B> : { readonly [Name in Id]: Winner<K, B> },
  All extends true ? AnyEnds<K, B> : 'no',
  K
> {
  const { id } = options;
  checkId(id);
  const branches = Object.entries(options.branches as Record<string, never>).map(
    ([name, body]) => ({ name, content: contentOf(body) }),
  );
  expectAuthored(branches.length >= 2, `expected "${id}" to have at least two branches`);
  for (const branch of branches) if (!/^\d+$/.test(branch.name)) checkId(branch.name);
  const name = options.name ?? nameOf(id);
  return Object.freeze({
    id,
    compile: (site: Site) =>
      options.waitForAll === false
        ? addRace(withoutMapping(site), id, name, branches)
        : addAll(withoutMapping(site), id, name, branches),
  });
}

interface NamedContent {
  readonly name: string;
  readonly content: Content;
}

function addAll(site: Site, id: string, name: string, branches: readonly NamedContent[]): Place {
  const split = site.graph.add(
    { type: 'parallelGateway', id, name, parent: site.container },
    site.entry,
  );
  const within = { ...site, concurrent: true, isScope: false };
  const places = branches.map(({ name: branch, content }) =>
    addContent(content, { ...within, entry: [{ ...split, name: nameOf(branch) }] }),
  );
  const live = places.filter((place) => place.exits.length > 0);
  if (live.length === 0) return { exits: [], known: site.known, last: site.last, activity: null };
  const join = site.graph.add(
    { type: 'parallelGateway', id: `${id}.join`, name: '', parent: site.container },
    live.flatMap((place) => place.exits),
  );
  const known = new Map(live.flatMap((place) => [...place.known]));
  return { exits: [join], known, last: site.last, activity: null };
}

/** A race is a sub-process: the first branch to be done ends it, and with it all others. */
function addRace(site: Site, id: string, name: string, branches: readonly NamedContent[]): Place {
  const { graph } = site;
  const names = branches.map((branch) => branch.name);
  graph.add(
    {
      type: 'subProcess',
      id,
      name,
      parent: site.container,
      triggeredByEvent: false,
      result: id,
      output: expression((variables) => {
        const branch = names.find((one) => variables[`${id}.${one}`] !== undefined);
        return branch === undefined
          ? null
          : { branch, ...(variables[`${id}.${branch}`] as object) };
      }, 'the branch that was done first'),
    },
    site.entry,
  );
  const start = graph.add({
    type: 'startEvent',
    id: `${id}.start`,
    name: 'Start',
    parent: id,
    event: null,
  });
  const split = graph.add({ type: 'parallelGateway', id: `${id}.split`, name: '', parent: id }, [
    start,
  ]);
  const within = { ...site, container: id, outer: site.known };
  for (const { name: branch, content } of branches) {
    const node = { id: `${id}.${branch}`, name: nameOf(branch) };
    addEmbedded({ ...within, entry: [split] }, node, content, {
      shape: (output) => ({ output }),
    });
    const end = { id: `${node.id}.first`, name: 'First', parent: id };
    graph.add({ type: 'endEvent', ...end, event: { type: 'terminate' } }, [{ source: node.id }]);
  }
  return placeAfter(site, { source: id }, null);
}
