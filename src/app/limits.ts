/** The limits of this node, made of the configuration; wrong names in it stop the program at its start. */
import { callSupply } from '../engine/index.ts';
import type { Clock } from '../kernel/clock.ts';
import { Limits } from '../kernel/limits.ts';
import type { ModuleDefinition } from '../kernel/module.ts';
import type { Database } from '../postgres/index.ts';
import type { Config } from './config.ts';
import { ConfigError, type ConfigProblem } from './config-error.ts';

/** Makes the limits that operators set. What procedures declare is added when they are first called. */
export function createLimits(config: Config, clock: Clock, database: Database): Limits {
  const { PROCEDURE_CONCURRENCY: concurrency, OUTSIDE_RATES: rates } = config;
  const supply = callSupply(database);
  return new Limits({
    clock,
    supply,
    ...(concurrency && { concurrency }),
    ...(rates && { rates }),
  });
}

/** Throws `ConfigError` when a limit is set for something that does not exist: it would limit nothing. */
export function checkLimits(config: Config, modules: readonly ModuleDefinition[]): void {
  const procedures = modules.flatMap((module) => module.procedures);
  const names = procedures.map(({ name }) => name);
  const systems = procedures.flatMap(({ limits }) => limits?.system ?? []);
  const problems = [
    ...unknown('PROCEDURE_CONCURRENCY', 'procedure', config.PROCEDURE_CONCURRENCY, names),
    ...unknown('OUTSIDE_RATES', 'outside system', config.OUTSIDE_RATES, systems),
  ];
  if (problems.length > 0) throw new ConfigError(problems);
}

function unknown(
  variable: string,
  what: string,
  given: Readonly<Record<string, unknown>> | undefined,
  known: readonly string[],
): ConfigProblem[] {
  return Object.keys(given ?? {})
    .filter((name) => !known.includes(name))
    .map((name) => ({
      variable,
      message: `expected the name of a known ${what}, found "${name}"; known are ${[...new Set(known)].sort().join(', ')}`,
    }));
}
