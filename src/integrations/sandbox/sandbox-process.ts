/**
 * Runs a sandbox as a process of its own, so that it outlives the program that it is tried with.
 * Prints one line of JSON with its address when it takes calls, logs JSON lines to the error
 * output, and stops cleanly on SIGTERM and SIGINT.
 */
import { parseArgs } from 'node:util';
import { systemClock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/procedure.ts';
import type { RunningSandbox, SandboxOptions } from './sandbox.ts';

/** Reads the command line, starts the sandbox, and resolves when it takes calls. */
export async function runSandboxProcess(
  start: (options: SandboxOptions) => Promise<RunningSandbox & Record<string, unknown>>,
): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      host: { type: 'string', default: '127.0.0.1' },
      journal: { type: 'string' },
      'webhook-url': { type: 'string' },
      'webhook-secret': { type: 'string' },
      'api-key': { type: 'string' },
    },
  });
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    process.stderr.write(`--port: expected a number from 0 to 65535, found "${values.port}"\n`);
    process.exit(2);
  }
  const given = <Name extends string>(name: Name, value: string | undefined) =>
    (value === undefined ? {} : { [name]: value }) as { [K in Name]?: string };
  const sandbox = await start({
    port,
    host: values.host,
    ...given('journal', values.journal),
    ...given('webhookUrl', values['webhook-url']),
    ...given('webhookSecret', values['webhook-secret']),
    ...given('apiKey', values['api-key']),
    log: errorOutputLog,
    clock: systemClock,
  });
  const { url, smtpUrl } = sandbox;
  process.stdout.write(`${JSON.stringify({ url, ...(smtpUrl ? { smtpUrl } : {}) })}\n`);
  const stop = () => void sandbox.stop().then(() => process.exit(0));
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

function write(level: string, fields: Record<string, unknown>, message: string): void {
  const line = JSON.stringify({ level, message, ...fields }, (_key, value: unknown) =>
    value instanceof Error ? (value.stack ?? value.message) : value,
  );
  process.stderr.write(`${line}\n`);
}

const errorOutputLog: Log = {
  debug: () => undefined,
  info: (fields, message) => write('info', fields, message),
  warn: (fields, message) => write('warn', fields, message),
  error: (fields, message) => write('error', fields, message),
};
