/**
 * The engine in more than 10,000 different schedules (`npm run simulate` takes more than 100,000): no order
 * of statements, answers, messages, timers, deaths and take-overs breaks an invariant. And the search
 * would notice: with a check of the database left out it finds a schedule that breaks something, each time.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { type Omission, omissions } from './model-tables.ts';
import { scenarios } from './scenarios.ts';
import { replay, tell } from './search.ts';
import { fromOutside, simulate } from './simulate.ts';

const run = promisify(execFile);
const main = fileURLToPath(new URL('./main.ts', import.meta.url));
/** Another one is explored by `npm run simulate -- --seed S`. */
const seed = 20_261_121;
const wanted = 10_000;

/** In a process of its own: half of the scenarios. */
async function half(part: 1 | 2): Promise<number> {
  const asked = ['--schedules', '6000', '--seed', String(seed), '--part', `${part}/2`];
  const { stdout } = await run(process.execPath, [main, ...asked]).catch(
    (failed: { stdout: string; stderr: string }) => {
      throw new Error(`${failed.stdout}\n${failed.stderr}`);
    },
  );
  return Number(/, (\d+) of them different/.exec(stdout)?.[1]);
}

test('more than 10,000 schedules break nothing', { timeout: 600_000 }, async () => {
  const [first, second] = await Promise.all([half(1), half(2)]);
  expect(first + second).toBeGreaterThan(wanted);
});

describe('the search finds what is wrong', () => {
  const longest = { timeout: 60_000 };
  /** Where it matters: elsewhere another check would notice first. */
  const tried: Readonly<Record<Omission, string>> = {
    fencing: 'take-over in the middle of steps',
    revisions: 'take-over while a commit is in doubt',
    'taken messages': 'two instances and one message',
    'start keys': 'take-over in the middle of messages',
    'known messages': 'duplicate messages',
    'removed waits': 'race of message, timer and cancel',
  };
  test.each(omissions)('without the check of %s', longest, async (omission) => {
    const one = scenarios.filter(({ name }) => name === tried[omission]);
    const { found } = await simulate({ scenarios: one, schedules: 6_000, seed, omission });
    expect(found).not.toBeNull();
    if (!found) return;
    const again = await runAgain(found.scenario, found.seed, found.run.deviations, omission);
    expect(again.violations).toEqual(found.run.violations);
    expect(again.steps).toEqual(found.run.steps);
    expect(tell(found)).toContain(`--without "${omission}"`);
    // With the check the same schedule is harmless.
    expect((await runAgain(found.scenario, found.seed, found.run.deviations)).violations).toEqual(
      [],
    );
  });
});

async function runAgain(
  name: string,
  own: number,
  deviations: Parameters<typeof replay>[2],
  omission?: Omission,
) {
  const scenario = scenarios.find((one) => one.name === name);
  if (!scenario) throw new Error(`expected a scenario "${name}", found none`);
  return await fromOutside(() => replay(scenario, own, deviations, omission));
}

test('a schedule is the same each time', async () => {
  const [scenario] = scenarios;
  if (!scenario) throw new Error('expected a scenario, found none');
  const twice = [1, 2].map(() => fromOutside(() => replay(scenario, 3, [])));
  const [one, two] = await Promise.all(twice);
  expect(one).toEqual(two);
  expect(one?.steps.length).toBeGreaterThan(5);
});
