/**
 * What is told when the configuration cannot be used. On its own, so that the command line knows the error
 * without loading all that can be configured: a command that only asks a running program starts at once.
 */

/** One thing that is wrong with the configuration. */
export interface ConfigProblem {
  readonly variable: string;
  readonly message: string;
}

/** All that is wrong with the configuration, told at once. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly ConfigProblem[];
  constructor(problems: readonly ConfigProblem[]) {
    const lines = problems.map(({ variable, message }) => `  ${variable}: ${message}`);
    super(
      `the configuration is not usable:\n${lines.join('\n')}\nRun \`orderloom config\` for the list.`,
    );
    this.problems = problems;
  }
}
