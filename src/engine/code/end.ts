/** `end` and `fail`: how a flow stops before its last element. */
import { constant } from '../model/expression.ts';
import type { EndEvent } from '../model/process-model.ts';
import { authored, type Site, withoutMapping } from './content.ts';
import type { Element } from './flow.ts';
import type { Known, Scope } from './known.ts';
import { checkId, nameOf } from './names.ts';

/** An outcome that has a name. */
export interface EndOptions<Id extends string> {
  readonly id: Id;
  readonly name?: string;
}

/**
 * Ends the enclosing process or sub-process, with what else runs in it. Its result is then `null`.
 */
export function end<const Id extends string, K extends Known = Known>(
  options: EndOptions<Id>,
): Element<Id, unknown, never, unknown, 'yes', K> {
  return ending(options, (site) => (site.concurrent ? { type: 'terminate' } : null));
}

/** An outcome that is an error. */
export interface FailOptions<Id extends string, K extends Known> extends EndOptions<Id> {
  /** Upper snake case, such as `OUT_OF_STOCK`. */
  readonly code: string;
  readonly message: string | ((scope: Scope<K>) => string);
}

/**
 * Ends the enclosing process or sub-process with an error, which a `.catch` around it may handle;
 * otherwise the process has failed.
 */
export function fail<const Id extends string, K extends Known = Known>(
  options: FailOptions<Id, K>,
): Element<Id, unknown, never, unknown, 'yes', K> {
  const { code, message } = options;
  return ending(options, (site) => ({
    type: 'error',
    code,
    message:
      typeof message === 'function'
        ? authored<string>(withoutMapping(site), message)
        : constant(message),
  }));
}

function ending<Id extends string>(
  options: EndOptions<Id>,
  eventAt: (site: Site) => EndEvent['event'],
) {
  const { id } = options;
  checkId(id);
  return Object.freeze({
    id,
    compile: (site: Site) => {
      const name = options.name ?? nameOf(id);
      const event = eventAt(site);
      site.graph.add({ type: 'endEvent', id, name, parent: site.container, event }, site.entry);
      return { exits: [], known: site.known, last: site.last, activity: null };
    },
  });
}
