/** `externalTask`: work that a program outside fetches by its topic, does, and hands in. */
import type { z } from 'zod';
import { constant } from '../model/expression.ts';
import { authored, placeAfter, type Site, withoutMapping } from './content.ts';
import { deadlineOf, type Timeout } from './deadline.ts';
import type { BranchBody, Element, NoBody } from './flow.ts';
import type { Branch, JoinEnds, JoinLast, JoinSteps, Known, Scope } from './known.ts';
import { checkId, nameOf } from './names.ts';
import type { WaitWays } from './when.ts';

/** What is handed out, what is expected back, and how long it may take. */
export interface ExternalTaskOptions<
  Id extends string,
  Output extends z.ZodType,
  K extends Known,
  B,
> {
  readonly id: Id;
  readonly name?: string;
  /** Workers ask for it by this name. */
  readonly topic: string | ((scope: Scope<NoInfer<K>>) => string);
  /** What the worker is given, by name; plain JSON. */
  readonly variables?: (scope: Scope<NoInfer<K>>) => Readonly<Record<string, unknown>>;
  /** Reads what the worker hands in; what does not fit is refused, and the worker is told. */
  readonly output: Output;
  /** Higher is handed out first. @defaultValue 0 */
  readonly priority?: number | ((scope: Scope<NoInfer<K>>) => number);
  readonly timeout?: Timeout<NoInfer<K>>;
  /** What happens when the time is up; without it the error `TIMEOUT` is raised. */
  readonly onTimeout?: B;
}

/** Waits for a worker outside. How often it is tried again says the worker that fails at it. */
export function externalTask<
  const Id extends string,
  Output extends z.ZodType,
  K extends Known = Known,
  B extends BranchBody<K> = NoBody<Branch<K>>,
>(
  options: ExternalTaskOptions<Id, Output, K, B>,
): Element<
  Id,
  unknown,
  JoinLast<WaitWays<K, Id, z.output<Output>, B>>,
  JoinSteps<K['steps'], WaitWays<K, Id, z.output<Output>, B>>,
  JoinEnds<WaitWays<K, Id, z.output<Output>, B>>,
  K
> {
  const { id, output } = options;
  checkId(id);
  const withDeadline = deadlineOf(id, options as never);
  return Object.freeze({
    id,
    compile: (given: Site) => {
      const site = withoutMapping(given);
      const { topic, priority, variables } = options;
      const exit = site.graph.add(
        {
          type: 'externalTask',
          id,
          name: options.name ?? nameOf(id),
          parent: site.container,
          result: id,
          topic: typeof topic === 'function' ? authored<string>(site, topic) : constant(topic),
          ...(priority !== undefined && {
            priority:
              typeof priority === 'function'
                ? authored<number>(site, priority)
                : constant(priority),
          }),
          ...(variables && { input: authored(site, variables) }),
          given: output,
        },
        site.entry,
      );
      return withDeadline(site, placeAfter(site, exit, output));
    },
  });
}
