/**
 * Content: what stands in a flow, as a list of parts that know how to add themselves to a model. A
 * part is given a site (where it stands: what leads to it, what is known there) and gives the place
 * after it.
 */
import type { z } from 'zod';
import { expectAuthored } from '../model/authoring-error.ts';
import { type Expression, expression, type Variables } from '../model/expression.ts';
import type { Exit, Graph } from './graph.ts';
import type { Known, Scope } from './known.ts';

/** Stands for "this has not run". */
export const absent: unique symbol = Symbol('absent');

/** Reads one possible "output of the step before"; `absent` when that step did not run. */
export type Reader = (variables: Variables) => unknown;

/** A function of a workflow, whose scope is typed where it is written. */
// biome-ignore lint/complexity/noBannedTypes: functions of any scope meet here; types are checked where they are written.
export type AuthoredFunction = Function;

/** Steps that have certainly run, with the schema of their output where there is one. */
export type Knowledge = ReadonlyMap<string, z.ZodType | null>;

/** Where a part stands. */
export interface Site {
  readonly graph: Graph;
  /** The enclosing sub-process; null at the top. */
  readonly container: string | null;
  /** True where something else may run in the same process or sub-process. */
  readonly concurrent: boolean;
  /** True where event handlers may be written: directly in a process or sub-process. */
  readonly isScope: boolean;
  readonly entry: readonly Exit[];
  readonly known: Knowledge;
  /** What was known when the enclosing process or sub-process began. */
  readonly outer: Knowledge;
  /** Where the output of the step before may be found; the first that is there counts. */
  readonly last: readonly Reader[];
  readonly readInput: Reader;
  readonly inputSchema: z.ZodType | null;
  /** Written beside the element: makes its input. */
  readonly mapping?: AuthoredFunction;
}

/** Where the next part stands. */
export interface Place {
  /** Empty when nothing goes on from here; never more than one. */
  readonly exits: readonly Exit[];
  readonly known: Knowledge;
  readonly last: readonly Reader[];
  /** The activity to which a handler of errors is attached; null when it cannot fail. */
  readonly activity: string | null;
}

/** Adds something to the model. */
export type Part = (site: Site) => Place;

/** What stands in a flow. */
export interface Content {
  readonly parts: readonly { readonly id: string; readonly add: Part }[];
  readonly handlers: readonly ((site: Site) => void)[];
}

/** Content with nothing in it. */
export const emptyContent: Content = Object.freeze({ parts: [], handlers: [] });

/** Adds all parts of a content, one after the other. */
export function addContent(content: Content, site: Site): Place {
  expectAuthored(
    content.handlers.length === 0 || site.isScope,
    'expected .on(...) on a workflow or in the body of a subprocess, found it in a branch: move it out',
  );
  for (const handler of content.handlers) handler(site);
  const { exits, known, last } = { ...site, exits: site.entry };
  let place: Place = { exits, known, last, activity: null };
  let { mapping } = site;
  for (const part of content.parts) {
    expectAuthored(
      place.exits.length > 0,
      `expected nothing after the end of a flow, found "${part.id}", which can never run: remove it`,
    );
    site.graph.noteKnown(part.id, place.known);
    place = part.add({
      ...withoutMapping(site),
      ...(mapping && { mapping }),
      entry: place.exits,
      known: place.known,
      last: place.last,
    });
    mapping = undefined;
  }
  site.graph.noteKnown(null, place.known);
  return place;
}

/** The site without the mapping of its first element. */
export function withoutMapping(site: Site): Site {
  const { mapping: _, ...rest } = site;
  return rest;
}

/** The place after an activity that keeps its output under its own id. */
export function placeAfter(site: Site, exit: Exit, schema: z.ZodType | null): Place {
  const id = exit.source;
  return {
    exits: [exit],
    known: new Map([...site.known, [id, schema]]),
    last: [readerOf(id)],
    activity: id,
  };
}

/** Reads a variable, or that it is not there. */
export function readerOf(name: string): Reader {
  return (variables) => (variables[name] === undefined ? absent : variables[name]);
}

/** The first of several outputs that is there; undefined when none is. */
export function readLast(last: readonly Reader[], variables: Variables): unknown {
  for (const read of last) {
    const value = read(variables);
    if (value !== absent) return value;
  }
  return undefined;
}

/** What a function of a workflow is given where it stands. */
function scopeAt(site: Site, variables: Variables): Scope<Known> {
  return {
    input: site.readInput(variables),
    steps: variables,
    get inputData() {
      return readLast(site.last, variables);
    },
  };
}

/** A function of a workflow as an expression of the model. */
export function authored<Value>(site: Site, evaluate: AuthoredFunction): Expression<Value> {
  const at = withoutMapping(site);
  return expression((variables) => evaluate(scopeAt(at, variables)) as Value, String(evaluate));
}

/** The input of the element at this site: what its mapping makes, else the output before it. */
export function inputOf(site: Site): Expression {
  return site.mapping
    ? authored(site, site.mapping)
    : expression((variables) => readLast(site.last, variables), 'output of the step before');
}

/**
 * Joins the ways that go on. What each of them knows is known after it; what only some know is not.
 */
export function joinPlaces(site: Site, id: string, places: readonly Place[]): Place {
  const live = places.filter((place) => place.exits.length > 0);
  const [first, ...others] = live;
  const activity = places[0]?.activity ?? null;
  if (!first) return { exits: [], known: site.known, last: site.last, activity };
  if (others.length === 0) return { ...first, activity };
  const join = site.graph.add(
    {
      type: 'exclusiveGateway',
      id: site.graph.freeId(`${id}.join`),
      name: '',
      parent: site.container,
    },
    live.flatMap((place) => place.exits),
  );
  const known = [...first.known].filter(([name]) => others.every((o) => o.known.has(name)));
  const all = [...new Set(live.flatMap((place) => place.last))];
  const fresh = all.filter((reader) => !site.last.includes(reader));
  const handedOn = all.filter((reader) => site.last.includes(reader));
  return { exits: [join], known: new Map(known), last: [...fresh, ...handedOn], activity };
}
