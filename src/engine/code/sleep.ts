/** `sleep`: waits for a while, or until a moment. Durable: a restart does not begin it anew. */

import { type Expression, expression } from '../model/expression.ts';
import { authored, type Site, withoutMapping } from './content.ts';
import { dueExpression, type Timeout } from './deadline.ts';
import type { Element } from './flow.ts';
import type { Known, Scope } from './known.ts';
import { checkId, nameOf } from './names.ts';

/** How long, or until when. */
export type SleepOptions<Id extends string, K extends Known> = {
  readonly id: Id;
  readonly name?: string;
} & (
  | { readonly for: Timeout<K>; readonly until?: never }
  /** Text is read as an ISO 8601 moment. */
  | { readonly until: (scope: Scope<K>) => Date | string; readonly for?: never }
);

/** Waits. `inputData` behind it is what it was before it. */
export function sleep<const Id extends string, K extends Known = Known>(
  options: SleepOptions<Id, K>,
): Element<Id, unknown, K['last'], unknown, 'no', K> {
  const { id } = options;
  checkId(id);
  return Object.freeze({
    id,
    compile: (given: Site) => {
      const site = withoutMapping(given);
      const exit = site.graph.add(
        {
          type: 'intermediateCatchEvent',
          id,
          name: options.name ?? nameOf(id),
          parent: site.container,
          event: { type: 'timer', due: dueOf(site, options as SleepOptions<Id, never>) },
        },
        site.entry,
      );
      const { known, last } = site;
      return { exits: [exit], known, last, activity: null };
    },
  });
}

function dueOf(site: Site, options: SleepOptions<string, never>): Expression<number | Date> {
  if (options.until === undefined) return dueExpression(site, options.for);
  const until = authored<Date | string>(site, options.until);
  return expression((variables) => new Date(until.evaluate(variables)), until.source);
}
