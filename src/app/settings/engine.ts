/** The engine: how much is at work at once, how nodes share, what drawings may use, and how long all is kept. */
import { z } from 'zod';
import { roles } from '../../kernel/caller.ts';
import { setting } from './setting.ts';
import { list, onOrOff, whole } from './value-shapes.ts';

/** `payments.refund=4` */
const concurrencyEntry = z
  .string()
  .regex(/^[a-z-]+(\.[a-z-]+)+=[1-9]\d{0,5}$/, 'expected procedure=number, e.g. payments.refund=4')
  .transform((text): [string, number] => {
    const [name = '', count = ''] = text.split('=');
    return [name, Number(count)];
  });

/** `accounting=manager+support` */
const taskGroup = z
  .string()
  .regex(
    /^[\p{L}\p{N}_][\p{L}\p{N}._:/-]{0,199}=[a-z]+(\+[a-z]+)*$/u,
    'expected group=role+role, e.g. accounting=manager+support',
  )
  .transform((text): [string, string[]] => {
    const at = text.indexOf('=');
    return [text.slice(0, at), text.slice(at + 1).split('+')];
  })
  .pipe(
    z.tuple([
      z.string(),
      z.array(z.enum(roles, { error: `expected roles among ${roles.join(', ')}` })),
    ]),
  );

/** Settings of the engine, by environment variable. */
export const engine = {
  JOB_CONCURRENCY: setting({
    summary: 'Process steps at work at the same time',
    schema: whole(1, 10_000).default(32),
  }),
  JOBS_IN_LINE: setting({
    summary:
      'Process steps that wait in memory for a place, all processes together; others wait on disk',
    schema: whole(100, 1_000_000).default(10_000),
  }),
  PROCEDURE_CONCURRENCY: setting({
    summary: 'Calls of procedures at work at the same time on this node, as name=number, by commas',
    schema: list.pipe(z.array(concurrencyEntry)).transform(Object.fromEntries).optional(),
    otherwise: 'what each procedure declares',
  }),
  LEASE_MS: setting({
    summary: 'How long a node’s claim on its shards lasts without being renewed, in milliseconds',
    schema: whole(1_000, 600_000).default(10_000),
  }),
  ENGINE_PAUSED: setting({
    summary:
      'Start without working: no step begins and no timer fires until `orderloom engine resume`',
    schema: onOrOff.default('off'),
  }),
  HISTORY_RETENTION_DAYS: setting({
    summary:
      'How many days ended processes, their history and trace events are kept; 0 keeps them for ever',
    schema: whole(0, 36_500).default(400),
  }),
  TASK_GROUPS: setting({
    summary:
      'Groups that tasks name beside the roles: whose holders belong to each, as group=role+role, by commas',
    schema: list.pipe(z.array(taskGroup)).transform(Object.fromEntries).optional(),
    otherwise: 'tasks are for roles and for people by name',
  }),
  BUSINESS_CALENDARS: setting({
    summary: 'File with the business calendars that drawings may name, as a JSON list',
    schema: z.string().optional(),
    otherwise: 'drawings name only their own',
  }),
  JAVASCRIPT_SCRIPTS: setting({
    summary:
      'Whether script tasks of drawings may be in JavaScript, which runs isolated; FEEL always may',
    schema: onOrOff.default('off'),
  }),
} as const;
