/**
 * `workflow`: writes a process down in TypeScript. It compiles to the same model as a drawing does,
 * and runs on the same engine.
 */
import type { z } from 'zod';
import { AuthoringError, expectAuthored } from '../model/authoring-error.ts';
import { constant, expression } from '../model/expression.ts';
import type { Priority } from '../model/priority.ts';
import type { ProcessModel } from '../model/process-model.ts';
import { authored, type Reader, readerOf, readLast, type Site } from './content.ts';
import { type Exchanges, queryDefinition, updateDefinition } from './exchange.ts';
import type { Flow, WaitElement } from './flow.ts';
import { emptyFlow, type Written } from './flow-builder.ts';
import { Graph } from './graph.ts';
import { checkId, nameOf } from './names.ts';
import { addInside } from './scope.ts';
import { isTemplate, templateExpression } from './template.ts';
import { validateModel } from './validate-model.ts';
import type { Workflow } from './workflow-type.ts';

interface CommonOptions {
  /** Raised when the graph changes; instances stay on the version that they began with. */
  readonly version: number;
  readonly name?: string;
  readonly description?: string;
  /**
   * How urgent its steps are when there are more than a node can do at the same time; with a function
   * of what an instance began with, each instance for itself.
   *
   * @defaultValue 'normal'
   */
  readonly priority?: Priority | ((start: { readonly input: unknown }) => Priority);
  /**
   * Words that instances are found by, fixed or read from what an instance starts with. Operators may
   * add and remove others.
   */
  readonly tags?: readonly string[] | ((start: { readonly input: never }) => readonly string[]);
  /**
   * Values that instances are found by (`orderloom processes --variable customer=…`), by name: templates
   * such as `'{{ on-order-created.customerId }}'`. Kept up while variables change.
   */
  readonly search?: Readonly<Record<string, string>>;
}

/** Of a workflow that is started by its trigger. */
export interface TriggeredOptions extends CommonOptions {
  readonly input?: never;
  /** What people call an instance: a template such as `'{{ on-order-created.id }}'`. */
  readonly businessKey?: string;
  /**
   * Whom the work is for: a template such as `'{{ on-order-created.userId }}'`. When there is more to do than
   * a node can do at the same time these take turns, so that one with a flood of instances does not keep
   * the others waiting.
   *
   * @defaultValue the business key
   */
  readonly fairBy?: string;
}

/** Of a workflow that is started by name, or called by another. */
export interface StartedOptions<Input extends z.ZodType> extends CommonOptions {
  /** Validates what it is started with. */
  readonly input: Input;
  /** What people call an instance: a template, or what a function gives. */
  readonly businessKey?: string | ((start: { readonly input: z.output<Input> }) => string);
  /**
   * Whom the work is for, as a template or a function: these take turns when there is more to do than a
   * node can do at the same time.
   *
   * @defaultValue the business key
   */
  readonly fairBy?: string | ((start: { readonly input: z.output<Input> }) => string);
}

/** What is known where a workflow begins. */
export interface Beginning<Input, Steps> {
  readonly input: Input;
  readonly steps: Steps;
  readonly last: Input;
  readonly outer: Steps;
  readonly ends: 'no';
  readonly before: null;
}

/** A workflow that has no trigger yet. */
export interface UntriggeredWorkflow<Id extends string> {
  /** The message that starts an instance. Its payload is kept under the trigger's id. */
  step<const TriggerId extends string, Payload>(
    trigger: WaitElement<TriggerId, Payload>,
  ): Flow<
    Beginning<Payload, { readonly [Name in TriggerId]: Payload }>,
    { readonly id: Id; readonly input: never }
  >;
}

/** Begins a workflow that is started by name, with an input. */
export function workflow<const Id extends string, Input extends z.ZodType>(
  id: Id,
  options: StartedOptions<Input>,
): Flow<
  Beginning<z.output<Input>, Record<never, never>>,
  { readonly id: Id; readonly input: z.input<Input> }
>;
/** Begins a workflow that is started by its first step: `when(...)`. */
export function workflow<const Id extends string>(
  id: Id,
  options: TriggeredOptions,
): UntriggeredWorkflow<Id>;
export function workflow(
  id: string,
  options: TriggeredOptions | StartedOptions<z.ZodType>,
): unknown {
  checkId(id);
  const { version, input } = options;
  expectAuthored(
    Number.isSafeInteger(version) && version >= 1,
    `expected workflow "${id}" to have a version of 1 or more, found ${version}`,
  );
  if (input) return emptyFlow((written) => compile(id, options, { schema: input }, written));
  return {
    step: (trigger: WaitElement<string, unknown>) =>
      emptyFlow((written) => compile(id, options, { trigger }, written)),
  };
}

type Entrance = { readonly trigger: WaitElement<string, unknown> } | { readonly schema: z.ZodType };

function compile(
  id: string,
  options: TriggeredOptions | StartedOptions<z.ZodType>,
  entrance: Entrance,
  { content, migrations, exchanges }: Written,
): Workflow {
  const graph = new Graph();
  const { site, start } = enter(graph, entrance);
  const place = addInside(
    site,
    { container: null, start, endId: 'end', known: site.known, last: site.last },
    content,
  );
  const businessKey = keyOf(site, `business key of "${id}"`, options.businessKey);
  const fairBy = keyOf(site, `fairBy of "${id}"`, options.fairBy);
  const found = foundBy({ ...site, known: place.known }, id, options);
  const model: ProcessModel = Object.freeze({
    key: id,
    version: options.version,
    name: options.name ?? nameOf(id),
    ...(options.description !== undefined && { description: options.description }),
    ...graph.freeze(),
    ...(options.input && { input: options.input }),
    output:
      place.exits.length === 0
        ? constant(null)
        : expression(
            (variables) => readLast(place.last, variables) ?? null,
            'output of the last step',
          ),
    ...(businessKey && { businessKey }),
    ...priorityOf(site, options),
    ...(fairBy && { fairBy }),
    ...exchangesOf(site, graph, exchanges),
    contract: graph.contract(),
    ...(Object.keys(migrations).length > 0 && { migrations: Object.freeze(migrations) }),
    ...found,
  });
  validateModel(model);
  return Object.freeze({ id, version: options.version, model });
}

function enter(graph: Graph, entrance: Entrance) {
  const blank: Site = {
    graph,
    container: null,
    concurrent: false,
    isScope: true,
    entry: [],
    known: new Map(),
    outer: new Map(),
    last: [],
    readInput: () => undefined,
    inputSchema: null,
  };
  if ('schema' in entrance) {
    const readInput: Reader = (variables) => variables.input;
    const site = { ...blank, last: [readInput], readInput, inputSchema: entrance.schema };
    return { site, start: { id: 'start', name: 'Start', event: null } };
  }
  const { id, name, message, schema } = entrance.trigger.start(blank, 'process');
  const readInput: Reader = (variables) => variables[id];
  const known = new Map([[id, schema]]);
  const site = {
    ...blank,
    known,
    outer: known,
    last: [readerOf(id)],
    readInput,
    inputSchema: schema,
  };
  return { site, start: { id, name, event: message, result: id } };
}

function priorityOf(site: Site, { priority }: CommonOptions): Pick<ProcessModel, 'priority'> {
  if (priority === undefined) return {};
  return {
    priority: typeof priority === 'function' ? authored<Priority>(site, priority) : priority,
  };
}

function keyOf(
  site: Site,
  what: string,
  key: string | ((start: { readonly input: never }) => string) | undefined,
) {
  if (key === undefined) return null;
  if (typeof key === 'function') return authored<string>(site, key);
  if (!isTemplate(key)) {
    throw new AuthoringError(`expected the ${what} to be a template or a function, found "${key}"`);
  }
  const template = templateExpression(site, key);
  return expression((variables) => String(template.evaluate(variables)), template.source);
}

/** Name of a search value. */
const searchName = /^[a-z][a-zA-Z0-9-]{0,39}$/;

function foundBy(site: Site, id: string, { tags, search }: CommonOptions) {
  const values = Object.entries(search ?? {}).map(([name, template]) => {
    expectAuthored(
      searchName.test(name),
      `expected search values of "${id}" to have names such as customerId, found "${name}"`,
    );
    expectAuthored(
      isTemplate(template),
      `expected search value "${name}" of "${id}" to be a template, found "${template}"`,
    );
    return [name, templateExpression(site, template)] as const;
  });
  return {
    ...(tags && {
      tags:
        typeof tags === 'function' ? authored<readonly string[]>(site, tags) : constant([...tags]),
    }),
    ...(search && { search: Object.fromEntries(values) }),
  };
}

function exchangesOf(site: Site, graph: Graph, { queries, updates }: Exchanges) {
  for (const { id, input } of updates) {
    expectAuthored(
      !graph.get(id),
      `expected update "${id}" to have an id of its own, found an element with it: rename one of them`,
    );
    graph.noteKnown(null, new Map([[id, input]]));
  }
  const asked = queries.map((query) => [query.id, queryDefinition(site, query)]);
  const told = updates.map((update) => [update.id, updateDefinition(site, update)]);
  return {
    ...(asked.length > 0 && { queries: Object.freeze(Object.fromEntries(asked)) }),
    ...(told.length > 0 && { updates: Object.freeze(Object.fromEntries(told)) }),
  };
}
