/** `orderloom serve`: runs the program until it is told to stop. */
import { flushCompileCache } from 'node:module';
import { createLogger } from '../../telemetry/index.ts';
import { banner } from '../banner.ts';
import { readConfig } from '../config.ts';
import { startProgram } from '../start-program.ts';
import { stopRequested } from '../stop-request.ts';

/** Resolves with the exit code once the program has stopped. */
export async function serve(env: NodeJS.ProcessEnv): Promise<number> {
  const config = readConfig(env);
  const terminal = process.stdout.isTTY === true;
  const log = createLogger({
    level: config.LOG_LEVEL ?? (config.demo && terminal ? 'warn' : 'info'),
    pretty: (config.LOG_FORMAT ?? (terminal ? 'pretty' : 'json')) === 'pretty',
  });
  const stopAsked = stopRequested(env);
  const program = await startProgram({ config, log });
  // Counted from the birth of the process, since that is what a person waits for.
  process.stdout.write(banner(program, performance.now()));
  log.info({ url: program.url, demo: config.demo }, 'ready');
  // Kept now and not at the end, which may be a `kill -9`.
  flushCompileCache();
  const reason = await stopAsked;
  log.info({ reason }, 'stopping: finishing requests and steps at work');
  await program.stop();
  log.info({}, 'stopped');
  return 0;
}
