/**
 * A program for tests to kill: starts the embedded server in the folder given, prints one line of
 * JSON (`{pid, adopted, connectionString}` or `{error}`), and stops when its input ends.
 */
import { startEmbedded } from '../../src/postgres/index.ts';

const silent = () => undefined;
const log = { debug: silent, info: silent, warn: silent, error: silent };

try {
  const server = await startEmbedded({ dataFolder: process.argv[2] ?? '', log });
  const { pid, adopted, connectionString } = server;
  process.stdout.write(`${JSON.stringify({ pid, adopted, connectionString })}\n`);
  process.stdin.resume().once('end', () => server.stop());
} catch (error) {
  process.stdout.write(`${JSON.stringify({ error: (error as Error).message })}\n`);
  process.exitCode = 1;
}
