/** The builder behind `Flow`: an immutable list of parts. Types are checked by `flow.ts`. */
import { expectAuthored } from '../model/authoring-error.ts';
import type { MigrationPlan } from '../model/process-model.ts';
import { type AuthoredFunction, type Content, emptyContent, type Part } from './content.ts';
import { addErrorHandler, type CaughtError } from './error-handler.ts';
import { addEventHandler } from './event-handler.ts';
import type { Exchanges } from './exchange.ts';
import type { AnyElement, Flow, WaitElement } from './flow.ts';
import type { Known } from './known.ts';
import { type Migration, migrationPlan } from './migration.ts';
import { checkId } from './names.ts';
import type { Workflow } from './workflow-type.ts';

type AnyBody = ((flow: never) => { readonly content: Content }) | AnyElement<never>;

/** A whole workflow as it was written, before it is compiled. */
export interface Written {
  readonly content: Content;
  readonly migrations: Readonly<Record<number, MigrationPlan>>;
  readonly exchanges: Exchanges;
}

type Beside = Omit<Written, 'content'>;

const nothingBeside: Beside = { migrations: {}, exchanges: { queries: [], updates: [] } };

type Commit = (written: Written) => Workflow;

class FlowBuilder {
  readonly content: Content;
  readonly #commit: Commit | null;
  readonly #beside: Beside;

  constructor(content: Content, commit: Commit | null, beside: Beside = nothingBeside) {
    this.content = content;
    this.#commit = commit;
    this.#beside = beside;
  }

  step(element: AnyElement<never>, mapping?: AuthoredFunction): FlowBuilder {
    const part = {
      id: element.id,
      add: mapping ? mapped(element.compile, mapping) : element.compile,
    };
    return this.#with({ ...this.content, parts: [...this.content.parts, part] });
  }

  catch(error: CaughtError, body: AnyBody): FlowBuilder {
    checkId(error.id);
    const last = this.content.parts.at(-1);
    expectAuthored(last, `expected a step before .catch of "${error.id}", found none`);
    const part = { id: last.id, add: addErrorHandler(last, error, contentOf(body)) };
    return this.#with({ ...this.content, parts: [...this.content.parts.slice(0, -1), part] });
  }

  on(
    event: WaitElement<string, unknown, never>,
    body: AnyBody,
    options: { interrupting?: boolean } = {},
  ): FlowBuilder {
    const handler = addEventHandler(event, contentOf(body), options.interrupting ?? true);
    return this.#with({ ...this.content, handlers: [...this.content.handlers, handler] });
  }

  commit(): Workflow {
    expectAuthored(this.#commit, 'expected .commit() on a workflow, found it in a body: remove it');
    return this.#commit({ content: this.content, ...this.#beside });
  }

  migrateFrom(from: number, migration: Migration): FlowBuilder {
    const { migrations } = this.#beside;
    expectAuthored(!(from in migrations), `expected one migration from version ${from}, found two`);
    return this.#besides({ migrations: { ...migrations, [from]: migrationPlan(migration) } });
  }

  query(query: Exchanges['queries'][number]): FlowBuilder {
    checkId(query.id);
    const { exchanges } = this.#beside;
    const queries = [...exchanges.queries, query];
    expectDistinct('query', queries);
    return this.#besides({ exchanges: { ...exchanges, queries } });
  }

  update(update: Exchanges['updates'][number]): FlowBuilder {
    checkId(update.id);
    const { exchanges } = this.#beside;
    const updates = [...exchanges.updates, update];
    expectDistinct('update', updates);
    return this.#besides({ exchanges: { ...exchanges, updates } });
  }

  #besides(beside: Partial<Beside>): FlowBuilder {
    expectAuthored(
      this.#commit,
      'expected migrations, queries and updates on a workflow, found one in a body: move it out',
    );
    return new FlowBuilder(this.content, this.#commit, { ...this.#beside, ...beside });
  }

  #with(content: Content): FlowBuilder {
    return new FlowBuilder(content, this.#commit, this.#beside);
  }
}

function expectDistinct(what: string, all: readonly { readonly id: string }[]): void {
  const last = all.at(-1);
  const isTwice = all.slice(0, -1).some(({ id }) => id === last?.id);
  expectAuthored(!isTwice, `expected one ${what} "${last?.id}", found two: rename one of them`);
}

function mapped(add: Part, mapping: AuthoredFunction): Part {
  return (site) => add({ ...site, mapping });
}

/** A flow with nothing in it. With `commit`, it is a whole workflow's. */
export function emptyFlow(commit: Commit | null = null): Flow<Known> {
  return new FlowBuilder(emptyContent, commit) as unknown as Flow<Known>;
}

/** What a body holds. */
export function contentOf(body: AnyBody | undefined): Content {
  if (body === undefined) return emptyContent;
  if (typeof body !== 'function') {
    return { parts: [{ id: body.id, add: body.compile }], handlers: [] };
  }
  return body(emptyFlow() as never).content;
}
