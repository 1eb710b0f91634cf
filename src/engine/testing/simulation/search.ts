/**
 * Looks for a schedule that breaks an invariant. A schedule is the usual order (first come, first served)
 * with some choices made otherwise; each of those is named by the step and what happened instead, so that
 * a schedule can be written down, replayed, and made smaller by leaving out what does not matter.
 */
import { onMachines } from './machine.ts';
import type { Omission } from './model-tables.ts';
import { type Random, randomOf } from './random.ts';
import type { Scenario } from './scenarios.ts';
import { writingSteps } from './simulated-procedures.ts';
import { SimulatedWorld } from './simulated-world.ts';

/** What happened instead of the usual, and when. */
export interface Deviation {
  readonly step: number;
  readonly label: string;
}

/** How a run went. */
export interface Run {
  readonly deviations: readonly Deviation[];
  /** Every step, in order. */
  readonly steps: readonly string[];
  /** What was broken; empty when all went well. */
  readonly violations: readonly string[];
  /** Different for runs that differ in any step. */
  readonly digest: number;
}

/** A schedule that breaks something, as small as it could be made. */
export interface Counterexample {
  readonly scenario: string;
  readonly seed: number;
  readonly run: Run;
  readonly omission?: Omission | undefined;
}

/** What a search found. */
export interface Searched {
  readonly schedules: number;
  readonly steps: number;
  readonly found: Counterexample | null;
}

/** Which schedules are searched. */
export interface SearchOptions {
  readonly scenarios: readonly Scenario[];
  readonly seed: number;
  /** The first and how many, of all that follow from the seed. */
  readonly first?: number;
  readonly schedules: number;
  readonly omission?: Omission | undefined;
  /** Takes what the schedules differ by. */
  readonly seen?: Set<number>;
}

/** Longer runs are stuck. */
const mostSteps = 3_000;

type Choose = (world: SimulatedWorld, step: number) => Deviation['label'] | null;

function play(scenario: Scenario, seed: number, omission: Omission | undefined, choose: Choose) {
  return (use: Parameters<Parameters<typeof onMachines>[0]>[0]): Run => {
    const world = new SimulatedWorld({ ...scenario.settings, omission, seed });
    use(world.machine);
    const { violations } = world.checks;
    const steps: string[] = [];
    const deviations: Deviation[] = [];
    let digest = 0;
    world.begin();
    for (let step = 0; violations.length === 0; step += 1) {
      const usual = world.usual();
      if (!usual || step > mostSteps) {
        if (!world.isOver) violations.push('nothing moves any more, and the scenario is not over');
        break;
      }
      const label = choose(world, step);
      const other = label === null ? undefined : world.options(true).find((o) => o.label === label);
      const option = other ?? usual;
      if (other && other.label !== usual.label) deviations.push({ step, label: other.label });
      steps.push(option.label);
      digest = hash(digest, option.label);
      option.take();
      world.turn();
    }
    if (violations.length === 0) {
      world.finish();
      world.checks.finally(stepsOf(scenario));
      scenario.check?.(world);
    }
    return { deviations, steps, violations: [...violations], digest };
  };
}

const writing = new WeakMap<Scenario, ReadonlySet<string>>();

function stepsOf(scenario: Scenario): ReadonlySet<string> {
  const known = writing.get(scenario) ?? writingSteps(scenario.settings.processes);
  writing.set(scenario, known);
  return known;
}

/** A hash of 53 bits, so that a few hundred thousand runs hardly ever share one. */
function hash(before: number, text: string): number {
  let a = before >>> 0;
  let b = Math.floor(before / 4294967296) | 0;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 0x85ebca6b);
    b = Math.imul(b ^ code, 0xc2b2ae35) ^ (a >>> 15);
  }
  a = (a ^ (b >>> 13)) >>> 0;
  return (b & 0x1fffff) * 4294967296 + a;
}

/** Steps of the scenario in the usual order. */
const usualSteps = new WeakMap<Scenario, number>();

/**
 * Chooses at random: how often (three to twelve times in a run of the usual length), and how much breaks,
 * is drawn for each schedule.
 */
function atRandom(random: Random, usual: number): Choose {
  const often = (3 + random.below(10)) / usual;
  let faults = random.below(4);
  return (world) => {
    if (random.next() >= often) return null;
    const options = world.options(faults > 0);
    const breaks = options.filter(({ isFault }) => isFault);
    // Faults are many, since each statement may be lost: they are chosen as seldom as all else together.
    const isBreak = breaks.length > 0 && random.next() < 0.3;
    const among = isBreak ? breaks : options.filter(({ isFault }) => !isFault);
    const chosen = among[random.below(among.length)];
    if (chosen?.isFault) faults -= 1;
    return chosen?.label ?? null;
  };
}

/** Chooses what a list says, where that is possible. */
function asListed(deviations: readonly Deviation[]): Choose {
  const byStep = new Map(deviations.map(({ step, label }) => [step, label]));
  return (_world, step) => byStep.get(step) ?? null;
}

/** Runs one schedule again. */
export function replay(
  scenario: Scenario,
  seed: number,
  deviations: readonly Deviation[],
  omission?: Omission,
): Run {
  return onMachines((use) => play(scenario, seed, omission, asListed(deviations))(use));
}

/**
 * Runs so many schedules, shared out evenly to the scenarios, and stops at the first that breaks
 * something. Must not be called from within a promise: see `simulate`.
 */
export function search(options: SearchOptions): Searched {
  const { scenarios, schedules, seed, omission, first = 0, seen } = options;
  const line = inLine(scenarios);
  let steps = 0;
  return onMachines((use) => {
    for (let i = first; i < first + schedules; i += 1) {
      const scenario = line[i % line.length];
      if (!scenario) throw new Error('expected at least one scenario, found none');
      const own = (Math.imul(seed, 0x9e3779b1) + i) | 0;
      const usual =
        usualSteps.get(scenario) ?? play(scenario, 0, undefined, () => null)(use).steps.length;
      usualSteps.set(scenario, usual);
      const run = play(scenario, own, omission, atRandom(randomOf(own), usual))(use);
      steps += run.steps.length;
      seen?.add(run.digest);
      if (run.violations.length > 0) {
        const small = smallest(scenario, own, run, omission, use);
        const found = { scenario: scenario.name, seed: own, run: small, omission };
        return { schedules: i + 1 - first, steps, found };
      }
    }
    return { schedules, steps, found: null };
  });
}

/** Scenarios in turn, those of one node twice as often: they are quick, and most of what is. */
export function inLine(scenarios: readonly Scenario[]): readonly Scenario[] {
  const quick = scenarios.filter(({ settings }) => settings.nodes === 1);
  return [...scenarios, ...quick];
}

/** Leaves out deviations as long as something is still broken. */
function smallest(
  scenario: Scenario,
  seed: number,
  run: Run,
  omission: Omission | undefined,
  use: Parameters<Parameters<typeof onMachines>[0]>[0],
): Run {
  let best = run;
  for (let size = Math.ceil(run.deviations.length / 2); size >= 1; ) {
    let isSmaller = false;
    for (let at = 0; at < best.deviations.length; ) {
      const fewer = best.deviations.filter((_, i) => i < at || i >= at + size);
      const tried = play(scenario, seed, omission, asListed(fewer))(use);
      if (tried.violations.length > 0 && tried.deviations.length < best.deviations.length) {
        best = tried;
        isSmaller = true;
      } else at += size;
    }
    if (!isSmaller) size = size === 1 ? 0 : Math.floor(size / 2);
  }
  return best;
}

/** In what is printed, after the last choice that was not the usual one. */
const stepsShownAfter = 40;

/** A counterexample as people read it: what broke, how to see it again, and every step. */
export function tell({ scenario, seed, run, omission }: Counterexample): string {
  const list = run.deviations.map(({ step, label }) => `${step}:${label}`).join('; ');
  const without = omission === undefined ? '' : ` --without "${omission}"`;
  const marked = new Set(run.deviations.map(({ step }) => step));
  const shown = Math.max(0, ...marked) + stepsShownAfter;
  return [
    `scenario "${scenario}", seed ${seed}: ${run.violations.join('; ')}`,
    `replay: npm run simulate -- --scenario "${scenario}" --schedule-seed ${seed} --replay "${list}"${without}`,
    ...run.steps
      .slice(0, shown)
      .map((label, step) => `${marked.has(step) ? '>' : ' '} ${step} ${label}`),
    ...(run.steps.length > shown
      ? [`  and ${run.steps.length - shown} more in the usual order`]
      : []),
  ].join('\n');
}
