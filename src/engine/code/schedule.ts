/**
 * `schedule`: a workflow that begins by the clock. Its moments are those of a cron pattern in a time
 * zone; each starts one instance, whichever node is there, and what was missed is caught up with as the
 * schedule says.
 */
import type { z } from 'zod';
import { AuthoringError, expectAuthored } from '../model/authoring-error.ts';
import { occasionSchema } from '../model/occasion.ts';
import type { CycleEventDefinition } from '../model/process-model.ts';
import { cronMoments } from '../time/cron.ts';
import type { Site } from './content.ts';
import type { WaitElement } from './flow.ts';
import { checkId, nameOf } from './names.ts';
import type { StartDefinition } from './start-definition.ts';

/** When a workflow begins. */
export interface ScheduleOptions<Id extends string> {
  readonly id: Id;
  readonly name?: string;
  /** Minute, hour, day of the month, month, day of the week; with seconds before if there are six. */
  readonly cron: string;
  /** Such as `Europe/Berlin`. @defaultValue 'UTC' */
  readonly timeZone?: string;
  /**
   * What becomes of moments at which no program was there: `skip` them, start `once` for all of
   * them, or for each of them, at most so many, the latest ones.
   *
   * @defaultValue 'once'
   */
  readonly catchUp?: 'skip' | 'once' | { readonly atMost: number };
}

/** More at once would be a flood. */
const mostCatchUps = 1_000;

/** Begins a workflow by the clock: its first element, in the place of `when`. */
export function schedule<const Id extends string>(
  options: ScheduleOptions<Id>,
): WaitElement<Id, z.output<typeof occasionSchema>> {
  const { id } = options;
  checkId(id);
  const event = cycleOf(options);
  return Object.freeze({
    id,
    start(_: Site, of: 'process' | 'handler'): StartDefinition {
      expectAuthored(
        of === 'process',
        `expected schedule "${id}" to begin a workflow, found it in .on(...): use a step with a timeout, or sleep`,
      );
      return { id, name: options.name ?? nameOf(id), message: event, schema: occasionSchema };
    },
  });
}

function cycleOf({ id, cron, timeZone = 'UTC', catchUp = 'once' }: ScheduleOptions<string>) {
  let first: Date | null;
  try {
    first = cronMoments(cron, timeZone).next(new Date(0));
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new AuthoringError(
      `expected schedule "${id}" to have a cron pattern and a time zone, found "${cron}" in ` +
        `"${timeZone}": ${text}`,
    );
  }
  expectAuthored(first, `expected schedule "${id}" to have a moment, found none in "${cron}"`);
  const most = typeof catchUp === 'object' ? catchUp.atMost : 1;
  expectAuthored(
    Number.isSafeInteger(most) && most >= 1 && most <= mostCatchUps,
    `expected schedule "${id}" to catch up with 1 to ${mostCatchUps} moments, found ${most}`,
  );
  const policy = typeof catchUp === 'object' ? ('all' as const) : catchUp;
  return Object.freeze<CycleEventDefinition>({
    type: 'cycle',
    cron,
    timeZone,
    catchUp: policy,
    most,
  });
}
