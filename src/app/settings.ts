/**
 * Every setting of the program, as data: its environment variable, what it is for, what it must look
 * like, and its default. `orderloom config` prints this list; a program that runs takes nothing else from the
 * environment, and `config.ts` reads it once.
 */
import type { z } from 'zod';
import { access } from './settings/access.ts';
import { database } from './settings/database.ts';
import { engine } from './settings/engine.ts';
import { events } from './settings/events.ts';
import { kafka } from './settings/kafka.ts';
import { outsideSystems } from './settings/outside-systems.ts';
import { program } from './settings/program.ts';
import { requests } from './settings/requests.ts';
import { services } from './settings/services.ts';

/** Settings by what they are for, in the order in which they are shown. */
export const settingGroups = [
  { title: 'The program', settings: program },
  { title: 'PostgreSQL', settings: database },
  { title: 'Access and secrets', settings: access },
  { title: 'Requests', settings: requests },
  { title: 'Outside systems', settings: outsideSystems },
  { title: 'Several services', settings: services },
  { title: 'Processes', settings: engine },
  { title: 'Events and outgoing webhooks', settings: events },
  { title: 'Kafka', settings: kafka },
] as const;

/** Settings by environment variable. */
export const settings = {
  ...program,
  ...database,
  ...access,
  ...requests,
  ...outsideSystems,
  ...services,
  ...engine,
  ...events,
  ...kafka,
} as const;

export type SettingName = keyof typeof settings;
export type SettingValues = { [Name in SettingName]: z.output<(typeof settings)[Name]['schema']> };
