/** The options by which commands say which process instances they mean, and the API's query for them. */
import type { Command } from 'commander';
import { CommandError, type Query } from './api-client.ts';

/** The options as commander reads them. */
export interface InstanceFilterOptions {
  readonly process?: string;
  readonly version?: string;
  readonly status?: string;
  readonly about?: string;
  readonly parent?: string;
  readonly element?: string;
  readonly olderThan?: string;
  readonly youngerThan?: string;
  readonly stillFor?: string;
  readonly tag?: string;
  readonly variable?: string;
  readonly incident?: boolean;
  readonly cause?: string;
  readonly retrying?: boolean;
}

/** Adds the options to a command. */
export function addInstanceFilter(command: Command): Command {
  return command
    .option('--status <status>', 'running, waiting, suspended, completed, failed or cancelled')
    .option('--process <name>', 'only instances of this process')
    .option('--version <number>', 'only those on this version')
    .option('--about <id>', 'only those about this, such as an order')
    .option('--parent <id>', 'only children of this instance')
    .option('--element <id>', 'only those that stand at this element; needs --process')
    .option('--older-than <age>', 'started before that: 30s, 15m, 12h, 7d')
    .option('--younger-than <age>', 'started within that')
    .option('--still-for <age>', 'open, and not moved for that long')
    .option('--tag <tag>', 'only those with this tag')
    .option('--variable <name=value>', 'only those with this value of a searchable variable')
    .option('--incident', 'only those with an open incident')
    .option('--cause <cause>', 'only those with an open incident of this cause')
    .option('--retrying', 'only those with a step that failed and is tried again');
}

/** The filter for the API. */
export function instanceFilterOf(options: InstanceFilterOptions, now = new Date()): Query {
  const { process, version, status, about, parent, element, tag, variable, cause } = options;
  return {
    ...{ process, version, status, parent, element, tag, variable, cause },
    businessKey: about,
    startedBefore: ago('--older-than', options.olderThan, now),
    startedAfter: ago('--younger-than', options.youngerThan, now),
    waitingSince: ago('--still-for', options.stillFor, now),
    incident: options.incident ? 'true' : undefined,
    retrying: options.retrying ? 'true' : undefined,
  };
}

const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

function ago(option: string, age: string | undefined, now: Date): string | undefined {
  if (age === undefined) return undefined;
  const [, number, unit] = /^(\d{1,6})([smhd])$/.exec(age) ?? [];
  if (number === undefined) {
    throw new CommandError(`${option}: expected an age such as 30s, 15m, 12h or 7d, found ${age}`);
  }
  const ms = Number(number) * unitMs[unit as keyof typeof unitMs];
  return new Date(now.getTime() - ms).toISOString();
}
