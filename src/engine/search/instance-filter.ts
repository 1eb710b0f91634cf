/**
 * Which instances are meant: the filter of the list of instances and of bulk operations, as it comes from outside
 * and as it is kept.
 */
import { z } from 'zod';
import { idSchema } from '../../kernel/ids.ts';
import { instanceStatuses } from '../model/instance-status.ts';

const flag = z
  .union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')])
  .optional();
const moment = z.iso.datetime({ offset: true }).optional();
const name = z.string().min(1).max(200);

/** The fields of the filter; all that are given must hold. */
export const instanceFilterFields = {
  process: name.optional(),
  version: z.coerce.number().int().min(1).optional(),
  status: z.enum(instanceStatuses).optional(),
  businessKey: name.optional().describe("The order's id, for orders"),
  traceId: z.string().max(64).optional(),
  parent: idSchema.optional().describe('Instance whose child it is'),
  element: name.optional().describe('Where it stands now; needs `process`'),
  startedAfter: moment,
  startedBefore: moment,
  endedAfter: moment,
  endedBefore: moment,
  waitingSince: moment.describe('Nothing has moved it since this moment'),
  tag: name.optional(),
  variable: z
    .string()
    .max(300)
    .regex(/^[a-zA-Z][a-zA-Z0-9-]*=./, 'expected name=value')
    .optional()
    .describe('`name=value` of a variable that its workflow declares for search'),
  incident: flag.describe('Whether it has an open incident'),
  cause: z.string().max(40).optional().describe('Has an open incident of this cause'),
  retrying: flag.describe('Whether a step of it failed and is tried again by itself'),
} as const;

/** The filter as it comes from outside. */
export const instanceFilterSchema = z
  .object(instanceFilterFields)
  .refine(needsProcess, { path: ['element'], message: 'expected `process` beside `element`' });

/** An element is looked for in one process, since its name means nothing in others. */
export function needsProcess(filter: { element?: unknown; process?: unknown }): boolean {
  return filter.element === undefined || filter.process !== undefined;
}

/** The filter once it is read. */
export type InstanceFilter = Partial<z.output<typeof instanceFilterSchema>> & {
  /** Only instances that have not ended. */
  readonly open?: boolean;
  /** Only these. */
  readonly instanceIds?: readonly string[] | undefined;
};
