/**
 * `orderloom check-deploy`: would the open instances of a database go on with the code of this
 * checkout? To be run before a deployment, against the database of the program that runs. It reads
 * only. Its exit code is 1 when an instance would break, and 2 when none would as far as can be seen, but
 * not every history could be played again.
 */
import {
  checkDeploy,
  type DeployReport,
  type GroupOfFindings,
  readDeployedDrawings,
} from '../../engine/index.ts';
import { systemClock } from '../../kernel/clock.ts';
import { workflows } from '../../processes/index.ts';
import { createLogger } from '../../telemetry/index.ts';
import { explained } from '../cannot-start.ts';
import { readConfig } from '../config.ts';
import { readManifests } from '../contracts/manifests.ts';
import { openData } from '../open-data.ts';
import { table } from '../terminal.ts';

/** Checks this checkout against the database of the settings; gives the exit code. */
export async function checkDeployment(
  env: NodeJS.ProcessEnv,
  options: { readonly json?: boolean; readonly strict?: boolean; readonly samples?: number },
): Promise<number> {
  const config = readConfig(env);
  const log = createLogger({ level: 'warn', pretty: true });
  const { database, close } = await openData(config, log).catch((error: unknown) => {
    throw explained(error, config);
  });
  try {
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
      ...(options.samples === undefined ? {} : { samples: options.samples }),
    });
    console.log(options.json ? JSON.stringify(report, null, 2) : reportText(report));
    return exitCodeOf(report, options);
  } finally {
    await close();
  }
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
