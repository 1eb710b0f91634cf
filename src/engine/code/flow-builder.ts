/** The builder behind `Flow`: an immutable list of parts. Types are checked by `flow.ts`. */

import type { MigrationPlan } from '../model/process-model.ts';
import { expectAuthored } from './authoring-error.ts';
import { type AuthoredFunction, type Content, emptyContent, type Part } from './content.ts';
import { addErrorHandler, type CaughtError } from './error-handler.ts';
import { addEventHandler } from './event-handler.ts';
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
}

type Commit = (written: Written) => Workflow;

class FlowBuilder {
  readonly content: Content;
  readonly #commit: Commit | null;
  readonly #migrations: Written['migrations'];

  constructor(content: Content, commit: Commit | null, migrations: Written['migrations'] = {}) {
    this.content = content;
    this.#commit = commit;
    this.#migrations = migrations;
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
    return this.#commit({ content: this.content, migrations: this.#migrations });
  }

  migrateFrom(from: number, migration: Migration): FlowBuilder {
    expectAuthored(this.#commit, 'expected .migrateFrom() on a workflow, found it in a body');
    expectAuthored(
      !(from in this.#migrations),
      `expected one migration from version ${from}, found two`,
    );
    const migrations = { ...this.#migrations, [from]: migrationPlan(migration) };
    return new FlowBuilder(this.content, this.#commit, migrations);
  }

  #with(content: Content): FlowBuilder {
    return new FlowBuilder(content, this.#commit, this.#migrations);
  }
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
