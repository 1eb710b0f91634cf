/** `orderloom serve`, `worker` and `api`: run the program in one of its roles until it is told to stop. */
import type { NodeRole } from '../../engine/index.ts';
import { createLogger } from '../../telemetry/index.ts';
import { banner } from '../banner.ts';
import { type Config, readConfig } from '../config.ts';
import { ConfigError } from '../config-error.ts';
import { keepCompiled } from '../keep-compiled.ts';
import { openData } from '../open-data.ts';
import { stopRequested } from '../stop-request.ts';

/** Resolves with the exit code once the program has stopped. */
export async function serve(
  env: NodeJS.ProcessEnv,
  role: NodeRole,
  { quiet = false }: { readonly quiet?: boolean } = {},
): Promise<number> {
  const config = readConfig(env);
  assertShared(config, role);
  const terminal = process.stdout.isTTY === true;
  const log = createLogger({
    level: config.LOG_LEVEL ?? (config.demo && terminal ? 'warn' : 'info'),
    pretty: (config.LOG_FORMAT ?? (terminal ? 'pretty' : 'json')) === 'pretty',
  });
  const stopAsked = stopRequested(env);
  // PostgreSQL starts while the rest of the program is loaded.
  const data = openData(config, log);
  data.catch(() => undefined);
  const { startProgram } = await import('../start-program.ts');
  const program = await startProgram({ config, log, role, data });
  // Counted from the birth of the process, since that is what a person waits for.
  if (!quiet) process.stdout.write(banner(program, performance.now()));
  // Whoever supervises this process need not read its output to know. One that is gone already is not told.
  process.send?.({ is: 'ready', url: program.url }, undefined, undefined, () => {});
  log.info({ url: program.url, role, demo: config.demo }, 'ready');
  keepCompiled();
  const reason = await stopAsked;
  log.info({ reason }, 'stopping: finishing requests and steps at work');
  await program.stop();
  log.info({}, 'stopped');
  return 0;
}

/** The embedded PostgreSQL belongs to one program; a node that is one of several needs a server. */
function assertShared(config: Config, role: NodeRole): void {
  if (role === 'serve' || config.DATABASE_URL !== undefined) return;
  throw new ConfigError([
    {
      variable: 'DATABASE_URL',
      message:
        `expected the PostgreSQL server that all nodes share, found none; \`orderloom ${role}\` is one ` +
        'node of several, and the embedded PostgreSQL serves one program alone',
    },
  ]);
}
