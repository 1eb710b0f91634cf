/**
 * `orderloom check-deploy`: would the open instances of a database go on with the code of this
 * checkout? To be run before a deployment, against the database of the program that runs. It reads
 * only, and needs no more settings than those of the data. Its exit code is 1 when an instance would break, and 2 when none would as far as can be seen, but
 * not every history could be played again.
 */
import {
  checkDeploy,
  type DeployReport,
  type GroupOfFindings,
  readDeployedDrawings,
} from '../../engine/index.ts';
import { systemClock } from '../../kernel/clock.ts';
import type { Database } from '../../postgres/index.ts';
import { workflows } from '../../processes/index.ts';
import { createLogger } from '../../telemetry/index.ts';
import { CommandError } from '../api-client.ts';
import { explained } from '../cannot-start.ts';
import { type DataSettings, readDataSettings } from '../config.ts';
import { readManifests } from '../contracts/manifests.ts';
import { openData } from '../open-data.ts';
import { table } from '../terminal.ts';

/** Exit code when it could not be looked at all: the settings are wrong, or the database is not there. */
export const notChecked = 3;

/** Most ids of one cause. */
const mostSamples = 100;

/** Checks this checkout against the database of the settings; gives the exit code. */
export async function checkDeployment(
  env: NodeJS.ProcessEnv,
  options: { readonly json?: boolean; readonly strict?: boolean; readonly samples?: string },
): Promise<number> {
  const samples = samplesOf(options.samples);
  const config = readDataSettings(env);
  try {
    return await checkIn(config, options, samples);
  } catch (error) {
    throw explained(error, config);
  }
}

async function checkIn(
  config: DataSettings,
  options: { readonly json?: boolean; readonly strict?: boolean },
  samples: number | undefined,
): Promise<number> {
  const log = createLogger({ level: 'warn', pretty: true });
  const { database, close } = await openData(config, log);
  try {
    await expectEngine(database);
    const code = workflows.map(({ model }) => model);
    const procedures = new Set(
      readManifests().flatMap((module) => module.procedures.map(({ name }) => name)),
    );
    const drawings = await readDeployedDrawings(database, {
      code: (process, version) =>
        code.find((model) => model.key === process && model.version === version),
      knowsProcedure: (name) => procedures.has(name),
    });
    const report = await checkDeploy({
      db: database,
      candidate: code,
      drawings,
      now: systemClock.now(),
      ...(samples === undefined ? {} : { samples }),
    });
    console.log(options.json ? JSON.stringify(report, null, 2) : reportText(report));
    return exitCodeOf(report, options);
  } finally {
    await close();
  }
}

/** A database without the engine's tables has no open instances, and says nothing of a deployment. */
async function expectEngine(database: Database): Promise<void> {
  const { rows } = await database.query<{ name: string; found: boolean }>(
    `select current_database() as name, to_regclass('engine.instance') is not null as found`,
  );
  const [{ name, found } = { name: '', found: false }] = rows;
  if (found) return;
  throw new CommandError(
    `expected the database of a program that has run, found "${name}" without its tables; check DATABASE_URL`,
  );
}

function samplesOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,3}$/.test(text) && Number(text) <= mostSamples) return Number(text);
  throw new CommandError(`--samples: expected a number from 0 to ${mostSamples}, found ${text}`);
}

/** 0: all is well. 1: something would break, or differs and `strict` asks. 2: not everything could be seen. */
export function exitCodeOf(
  { broken, differs, notReplayed }: DeployReport,
  { strict = false }: { readonly strict?: boolean },
): 0 | 1 | 2 {
  if (broken > 0 || (strict && differs.length > 0)) return 1;
  return notReplayed > 0 ? 2 : 0;
}

/** The report for people. */
export function reportText(report: DeployReport): string {
  const { checked, broken, replayed, notReplayed, breaks, differs, unreplayed } = report;
  const parts = [
    `Looked at ${count(checked, 'open instance')}; played the histories of ${replayed} again` +
      (notReplayed > 0 ? `, and could not do so with ${notReplayed}.` : '.'),
  ];
  if (breaks.length > 0) parts.push(`Would break: ${broken}`, groupsText(breaks));
  if (differs.length > 0) {
    parts.push(
      'Would have gone another way (they go on from where they are):',
      groupsText(differs),
    );
  }
  if (unreplayed.length > 0) {
    parts.push(
      'Not played again (where they stand was looked at, the way that they came was not):',
      groupsText(unreplayed),
    );
  }
  parts.push(verdict(report));
  return parts.join('\n\n');
}

function verdict({ broken, notReplayed }: DeployReport): string {
  if (broken > 0) return 'Do not deploy this code before what breaks is mended.';
  return notReplayed > 0
    ? 'Every open instance goes on with this code from where it stands. Whether it would have brought those that ' +
        'were not played again another way is not known: look at them, then deploy (exit code 2).'
    : 'This code can be deployed: every open instance goes on with it.';
}

function groupsText(groups: readonly GroupOfFindings[]): string {
  const overview = table(groups, [
    { title: 'COUNT', value: (group) => group.count, align: 'right' },
    { title: 'PROCESS', value: (group) => `${group.process} v${group.version}` },
    { title: 'ELEMENT', value: (group) => group.element || '(process)' },
    { title: 'WHY', value: (group) => group.code },
  ]);
  const details = groups.map(({ code, element, message, samples }) => {
    const names = samples.map(({ id, businessKey }) =>
      businessKey ? `${id} (${businessKey})` : id,
    );
    return `${code}${element ? ` at ${element}` : ''}: ${message}\n  such as ${names.join(', ')}`;
  });
  return [overview, ...details].join('\n\n');
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}
