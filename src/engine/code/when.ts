/**
 * `when`: waits for a message. As the first element of a workflow it is the trigger that starts it;
 * in `.on` it is what interrupts; anywhere else it is a wait with an optional deadline.
 */
import type { z } from 'zod';
import { expectAuthored } from '../model/authoring-error.ts';
import { placeAfter, type Site, withoutMapping } from './content.ts';
import { deadlineOf, type Timeout } from './deadline.ts';
import type { BodyResult, BranchBody, Element, NoBody, WaitElement } from './flow.ts';
import type { After, Branch, JoinEnds, JoinLast, JoinSteps, Known } from './known.ts';
import {
  type Filter,
  type MessageSource,
  messageDefinitions,
  namesOf,
  type PayloadSchema,
  payloadSchemaOf,
} from './messages.ts';
import { checkId, nameOf } from './names.ts';
import type { StartDefinition } from './start-definition.ts';

/** What is waited for, how it finds this instance, and how long it may take. */
export interface WhenOptions<
  Id extends string,
  On extends MessageSource | readonly [MessageSource, ...MessageSource[]],
  Output extends z.ZodType,
  K extends Known,
  B,
> {
  readonly id: Id;
  readonly name?: string;
  /** Events or procedures by name or definition. With several, the first one ends the wait. */
  readonly on: On;
  /** A procedure is waited for *after* it has succeeded; its output is the payload. */
  readonly mode?: 'after';
  /**
   * The fields of the payload by which a message finds its instance. Not read of a trigger, where
   * every message starts an instance of its own.
   */
  readonly filter?: Filter<NoInfer<K>>;
  /** Validates and narrows the payload. Needless where `on` is a definition that says it. */
  readonly output?: Output;
  readonly timeout?: Timeout<NoInfer<K>>;
  /** What happens when the time is up; without it the error `TIMEOUT` is raised. */
  readonly onTimeout?: B;
}

/** What is known after a wait: the payload, or what the deadline's body left behind. */
export type WaitWays<K extends Known, Id extends string, Out, B> =
  | After<K, Out, { readonly [Name in Id]: Out }, 'no'>
  | BodyResult<Branch<K>, B>;

/** Waits for a message of its correlation, also for one that came before the wait did; each is taken once. */
export function when<
  const Id extends string,
  const On extends MessageSource | readonly [MessageSource, ...MessageSource[]],
  Output extends z.ZodType = PayloadSchema<On> & z.ZodType,
  K extends Known = Known,
  B extends BranchBody<K> = NoBody<Branch<K>>,
>(
  options: WhenOptions<Id, On, Output, K, B>,
): Element<
  Id,
  unknown,
  JoinLast<WaitWays<K, Id, z.output<Output>, B>>,
  JoinSteps<K['steps'], WaitWays<K, Id, z.output<Output>, B>>,
  JoinEnds<WaitWays<K, Id, z.output<Output>, B>>,
  K
> &
  WaitElement<Id, z.output<Output>, K> {
  const { id, on } = options;
  checkId(id);
  const name = options.name ?? nameOf(id);
  const schema = payloadSchemaOf(on, options.output);
  const withDeadline = deadlineOf(id, options as never);
  return Object.freeze({
    id,
    compile: (site: Site) => {
      const exit = site.graph.add(
        {
          type: 'receiveTask',
          id,
          name,
          parent: site.container,
          result: id,
          messages: messageDefinitions(withoutMapping(site), id, options as never, schema),
        },
        site.entry,
      );
      return withDeadline(site, placeAfter(site, exit, schema));
    },
    start: (site: Site, of: 'process' | 'handler') =>
      startDefinition(site, of, { id, name, options: options as never, schema }),
  });
}

function startDefinition(
  site: Site,
  of: 'process' | 'handler',
  wait: {
    id: string;
    name: string;
    options: WhenOptions<string, MessageSource, z.ZodType, never, unknown>;
    schema: z.ZodType | null;
  },
): StartDefinition {
  const { id, name, options, schema } = wait;
  const names = namesOf(options.on);
  expectAuthored(
    names.length === 1 && options.timeout === undefined,
    `expected "${id}", which starts something, to wait for one message and without a timeout`,
  );
  const [message] =
    of === 'process'
      ? [
          {
            type: 'message' as const,
            message: names[0]!,
            correlation: [],
            ...(schema && { payload: schema }),
          },
        ]
      : messageDefinitions(site, id, options, schema);
  return { id, name, message: message!, schema };
}
