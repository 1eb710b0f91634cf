/** `orderloom serve`: runs the program until it is told to stop. */
import { createLogger } from '../../telemetry/index.ts';
import { banner } from '../banner.ts';
import { readConfig } from '../config.ts';
import { startProgram } from '../start-program.ts';

/** Resolves with the exit code once the program has stopped. */
export async function serve(env: NodeJS.ProcessEnv): Promise<number> {
  const config = readConfig(env);
  const terminal = process.stdout.isTTY === true;
  const log = createLogger({
    level: config.LOG_LEVEL ?? (config.demo && terminal ? 'warn' : 'info'),
    pretty: (config.LOG_FORMAT ?? (terminal ? 'pretty' : 'json')) === 'pretty',
  });
  const stopAsked = waitForSignal();
  const program = await startProgram({ config, log });
  // Counted from the birth of the process, since that is what a person waits for.
  process.stdout.write(banner(program, performance.now()));
  log.info({ url: program.url, demo: config.demo }, 'ready');
  const signal = await stopAsked;
  log.info({ signal }, 'stopping: finishing requests and steps at work');
  await program.stop();
  log.info({}, 'stopped');
  return 0;
}

/** The first SIGTERM or SIGINT asks to stop; a second one ends the program at once. */
function waitForSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let asked = false;
    const ask = (signal: NodeJS.Signals) => {
      if (asked) process.exit(130);
      asked = true;
      resolve(signal);
    };
    process.on('SIGTERM', ask);
    process.on('SIGINT', ask);
  });
}
