/** `orderloom config`: the list of settings, what each is now, and whether that is usable. */
import { readConfig } from '../config.ts';
import { ConfigError } from '../config-error.ts';
import { type SettingName, settings } from '../settings.ts';

/** Stands for a secret that is set. */
const notShown = 'set (not shown)';

/** One line of the list. */
interface SettingLine {
  readonly variable: SettingName;
  readonly summary: string;
  /** What was given; of secrets only that something was. */
  readonly given: string | null;
  readonly default: string;
}

/** Prints the list; the exit code is 1 when the configuration is not usable. */
export function showConfig(env: NodeJS.ProcessEnv, options: { readonly json: boolean }): number {
  const lines = Object.keys(settings).map((name) => lineOf(name as SettingName, env));
  let problem: ConfigError | null = null;
  try {
    readConfig(env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    problem = error;
  }
  if (options.json) {
    console.log(JSON.stringify({ settings: lines, problems: problem?.problems ?? [] }, null, 2));
  } else {
    console.log(lines.map(text).join('\n\n'));
    console.log(problem ? `\n${problem.message}` : '\nThe configuration is usable.');
  }
  return problem ? 1 : 0;
}

function lineOf(variable: SettingName, env: NodeJS.ProcessEnv): SettingLine {
  const definition = settings[variable];
  const given = env[variable] || null;
  const otherwise = 'otherwise' in definition ? definition.otherwise : undefined;
  const value = otherwise ?? definition.schema.safeParse(undefined).data;
  return {
    variable,
    summary: definition.summary,
    given: given !== null && 'secret' in definition ? notShown : given,
    default: String(value),
  };
}

function text(line: SettingLine): string {
  const set = line.given === notShown ? notShown : `set to ${line.given}`;
  const now = line.given === null ? `default: ${line.default}` : set;
  return `${line.variable}\n  ${line.summary}\n  ${now}`;
}
