/**
 * `condition`: takes one of several ways, which join again in what follows. A way that ends
 * (`end`, `fail`) does not come back, and then what the others did is certain afterwards.
 */
import { expectAuthored } from '../model/authoring-error.ts';
import { expression } from '../model/expression.ts';
import {
  addContent,
  authored,
  type Content,
  joinPlaces,
  type Site,
  withoutMapping,
} from './content.ts';
import type { BodyResult, BranchBody, Element, EmptyBody, NoBody } from './flow.ts';
import { contentOf } from './flow-builder.ts';
import type { Exit } from './graph.ts';
import type { Branch, JoinEnds, JoinLast, JoinSteps, Known, Scope } from './known.ts';
import { checkId, nameOf } from './names.ts';

/** Yes or no. */
export interface ConditionOptions<Id extends string, K extends Known, T, F> {
  readonly id: Id;
  /** A question to people: `Risk above 70?` */
  readonly name?: string;
  readonly predicate: (scope: Scope<K>) => boolean;
  readonly whenTrue?: T;
  readonly whenFalse?: F;
}

/** One of several, by a value. */
export interface ChoiceOptions<Id extends string, K extends Known, Value extends string, C, O> {
  readonly id: Id;
  readonly name?: string;
  readonly on: (scope: Scope<K>) => Value;
  readonly cases: C;
  /** What happens when no case fits; needless when the cases name every value. */
  readonly otherwise?: O;
}

/** What is known after ways that began where `K` was known have met. */
export type Joined<Id extends string, K extends Known, Way extends Known> = Element<
  Id,
  unknown,
  JoinLast<Way>,
  JoinSteps<K['steps'], Way>,
  JoinEnds<Way>,
  K
>;

/** Takes `whenTrue` or `whenFalse`; a way that is not given does nothing. */
export function condition<
  const Id extends string,
  K extends Known = Known,
  T extends BranchBody<K> = EmptyBody<Branch<K>>,
  F extends BranchBody<K> = EmptyBody<Branch<K>>,
>(
  options: ConditionOptions<Id, K, T, F>,
): Joined<Id, K, BodyResult<Branch<K>, T> | BodyResult<Branch<K>, F>> {
  const whenTrue = contentOf(options.whenTrue as never);
  const whenFalse = contentOf(options.whenFalse as never);
  return deciding(options, (site, source) => [
    {
      exit: { source, condition: authored<boolean>(site, options.predicate), name: 'yes' },
      content: whenTrue,
    },
    { exit: { source, isDefault: true, name: 'no' }, content: whenFalse },
  ]);
}

type Cases<K extends Known, Value extends string> = Readonly<Partial<Record<Value, BranchBody<K>>>>;

/** True when the cases name every value. */
type Complete<Value extends string, C> = [Value] extends [keyof C] ? true : false;

/** Takes the case that the value names, else `otherwise`. */
export function choice<
  const Id extends string,
  Value extends string,
  C extends Cases<K, Value>,
  K extends Known = Known,
  O extends BranchBody<K> = NoBody<Branch<K>>,
>(
  options: ChoiceOptions<Id, K, Value, C, O> &
    (Complete<Value, C> extends true ? unknown : { readonly otherwise: O }),
): Joined<Id, K, BodyResult<Branch<K>, C[keyof C]> | BodyResult<Branch<K>, O>> {
  const cases = Object.entries(options.cases as Record<string, never>).map(
    ([value, body]) => [value, contentOf(body)] as const,
  );
  expectAuthored(cases.length > 0, `expected "${options.id}" to have at least one case`);
  const otherwise = options.otherwise && contentOf(options.otherwise as never);
  return deciding(options, (site, source) => {
    const value = authored<string>(site, options.on);
    const ways: Way[] = cases.map(([expected, content]) => ({
      exit: {
        source,
        name: expected,
        condition: expression(
          (variables) => value.evaluate(variables) === expected,
          `(${value.source}) === ${JSON.stringify(expected)}`,
        ),
      },
      content,
    }));
    const rest = { exit: { source, isDefault: true, name: 'otherwise' } };
    return otherwise ? [...ways, { ...rest, content: otherwise }] : ways;
  });
}

interface Way {
  readonly exit: Exit;
  readonly content: Content;
}

function deciding<Id extends string>(
  options: { readonly id: Id; readonly name?: string },
  waysOf: (site: Site, source: string) => readonly Way[],
) {
  const { id } = options;
  checkId(id);
  return Object.freeze({
    id,
    compile: (given: Site) => {
      const site = { ...withoutMapping(given), isScope: false };
      const name = options.name ?? nameOf(id);
      site.graph.add({ type: 'exclusiveGateway', id, name, parent: site.container }, site.entry);
      const places = waysOf(site, id).map(({ exit, content }) =>
        addContent(content, { ...site, entry: [exit] }),
      );
      return { ...joinPlaces(site, id, places), activity: null };
    },
  });
}
