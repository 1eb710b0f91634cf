/** `task`: waits for a person. It is listed under tasks for those who may do it. */
import type { z } from 'zod';
import { expectAuthored } from '../model/authoring-error.ts';
import { constant } from '../model/expression.ts';
import { authored, placeAfter, type Site, withoutMapping } from './content.ts';
import { deadlineOf, type Timeout } from './deadline.ts';
import type { BranchBody, Element, NoBody } from './flow.ts';
import type { Branch, JoinEnds, JoinLast, JoinSteps, Known, Scope } from './known.ts';
import { type MessageOptions, messageDefinitions } from './messages.ts';
import { checkId, nameOf } from './names.ts';
import { type TaskWorkOptions, taskWork } from './task-work.ts';
import type { WaitWays } from './when.ts';

/** What a person is asked, who, and how long it may take. */
export interface TaskOptions<Id extends string, Output extends z.ZodType, K extends Known, B>
  extends TaskWorkOptions<NoInfer<K>> {
  readonly id: Id;
  readonly name?: string;
  /** One line for the list of tasks. */
  readonly title: string | ((scope: Scope<NoInfer<K>>) => string);
  /** What it is about: plain JSON that is shown to the person; never secret. */
  readonly subject: (scope: Scope<NoInfer<K>>) => unknown;
  /** Validates what the person hands in. */
  readonly output: Output;
  /** Messages that complete the task as well; their payload must fit `output`. */
  readonly completedBy?: MessageOptions<NoInfer<K>>;
  /**
   * The procedure by which people decide, run with their own rights and given these fields of the
   * subject besides `approved` and `reason`. The message that it causes completes the task, so
   * `completedBy` has to name it. Without it a decision goes straight into the task.
   */
  readonly decision?: { readonly procedure: string; readonly fields: readonly string[] };
  readonly timeout?: Timeout<NoInfer<K>>;
  /** What happens when the time is up; without it the error `TIMEOUT` is raised. */
  readonly onTimeout?: B;
}

/** Waits for a person's answer, which is checked by `output` before it is taken; of two answers the first counts. */
export function task<
  const Id extends string,
  Output extends z.ZodType,
  K extends Known = Known,
  B extends BranchBody<K> = NoBody<Branch<K>>,
>(
  options: TaskOptions<Id, Output, K, B>,
): Element<
  Id,
  unknown,
  JoinLast<WaitWays<K, Id, z.output<Output>, B>>,
  JoinSteps<K['steps'], WaitWays<K, Id, z.output<Output>, B>>,
  JoinEnds<WaitWays<K, Id, z.output<Output>, B>>,
  K
> {
  const { id, output, completedBy } = options;
  checkId(id);
  const withDeadline = deadlineOf(id, options as never);
  expectAuthored(
    !options.decision || completedBy,
    `expected task "${id}" to name in completedBy what its decision causes`,
  );
  return Object.freeze({
    id,
    compile: (given: Site) => {
      const site = withoutMapping(given);
      const { title, decision } = options;
      const exit = site.graph.add(
        {
          type: 'userTask',
          id,
          name: options.name ?? nameOf(id),
          parent: site.container,
          result: id,
          title: typeof title === 'function' ? authored<string>(site, title) : constant(title),
          subject: authored(site, options.subject),
          output,
          messages: completedBy ? messageDefinitions(site, id, completedBy as never, output) : [],
          ...(decision && { decision }),
          ...taskWork(site, id, options),
        },
        site.entry,
      );
      return withDeadline(site, placeAfter(site, exit, output));
    },
  });
}
