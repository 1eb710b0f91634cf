/**
 * `npm run simulate -- [--schedules N] [--seed S] [--scenario NAME] [--without CHECK]`: searches for a
 * schedule that breaks the engine, and prints the smallest it finds. With `--schedule-seed` and `--replay`
 * it runs that one schedule again and prints its steps. Exits with 1 when something was broken.
 */
import { Command } from 'commander';
import { type Omission, omissions } from './model-tables.ts';
import { scenarios } from './scenarios.ts';
import { type Deviation, replay, tell } from './search.ts';
import { fromOutside, simulate } from './simulate.ts';

interface Values {
  readonly schedules: string;
  readonly seed?: string;
  readonly scenario?: string;
  readonly part: string;
  readonly without?: string;
  readonly scheduleSeed: string;
  readonly replay?: string;
}

const values = new Command('npm run simulate --')
  .description('Searches for a schedule that breaks the engine, and prints the smallest it finds.')
  .option('--schedules <count>', 'of so many more than 100,000 are different', '110000')
  .option('--seed <seed>', 'of the search (default: another one each time)')
  .option('--scenario <name>', 'only this one')
  .option('--part <part>', '1/2: the first half of the scenarios', '1/1')
  .option('--without <check>', 'leave out a check of the database, to see the simulation notice')
  .option('--schedule-seed <seed>', 'with --replay: the seed of the schedule', '0')
  .option('--replay <list>', 'run one schedule again, as it was printed, and print its steps')
  .parse()
  .opts<Values>();
const [part = 1, parts = 1] = values.part.split('/').map(Number);
const chosen = scenarios.filter(
  ({ name }, i) => (values.scenario ?? name) === name && i % parts === part - 1,
);
const omission = omissions.find((one) => one === values.without);
const schedules = Number(values.schedules);
expect(chosen.length > 0, 'scenario', scenarios.map(({ name }) => `"${name}"`).join(', '));
expect(values.without === undefined || omission !== undefined, 'without', omissions.join(', '));
expect(Number.isSafeInteger(schedules) && schedules > 0, 'schedules', 'a number above 0');

function expect(holds: boolean, option: keyof typeof values, what: string): void {
  if (holds) return;
  console.error(`expected --${option} to be one of ${what}; found "${values[option]}"`);
  process.exit(2);
}

/** The list of a schedule as it is printed: `12:kill n1; 30:n2 tend, lost`. */
function readDeviations(text: string): readonly Deviation[] {
  const parts = text.split(';').filter((part) => part.trim() !== '');
  return parts.map((part) => {
    const [step = '', ...label] = part.trim().split(':');
    return { step: Number(step), label: label.join(':') };
  });
}

async function replayOne(list: string, without: Omission | undefined): Promise<boolean> {
  const [only] = chosen;
  if (!only) return true;
  const seed = Number(values.scheduleSeed);
  const run = await fromOutside(() => replay(only, seed, readDeviations(list), without));
  console.log(tell({ scenario: only.name, seed, run, omission: without }));
  return run.violations.length === 0;
}

async function searchAll(without: Omission | undefined): Promise<boolean> {
  const seed = Number(values.seed ?? Date.now() % 1_000_000_007);
  console.log(`seed ${seed}`);
  const begun = performance.now();
  const result = await simulate({ scenarios: chosen, schedules, seed, omission: without });
  const seconds = ((performance.now() - begun) / 1_000).toFixed(1);
  const { distinct, steps, found } = result;
  console.log(
    `${result.schedules} schedules, ${distinct} of them different, ${steps} steps in ${seconds} s`,
  );
  if (found) console.log(tell(found));
  return found === null;
}

const isWell =
  values.replay === undefined
    ? await searchAll(omission)
    : await replayOne(values.replay, omission);
process.exitCode = isWell ? 0 : 1;
