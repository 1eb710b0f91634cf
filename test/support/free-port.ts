/**
 * Ports for programs that tests start. A port that the system gives for nothing is one of those that it
 * gives to every outgoing connection, too: between the moment it is given back and the moment the program
 * takes it, or while a killed program is away, another process may have it. So ports are taken from below
 * that range, each once in a process, and each worker of the tests has a part of it for itself.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Linux gives 32,768 and up to outgoing connections, other systems 49,152 and up. */
const first = 10_000;
const last = 32_767;
/** More workers than tests run with share what there is. */
const parts = 4;

const part = Number(process.env.VITEST_POOL_ID ?? 0) % parts;
const size = Math.floor((last - first + 1) / parts);
// Another run of the tests on this machine begins elsewhere.
let next = (process.pid * 97) % size;

/** A port of the loopback address that nobody listens at, and that this process is not given again soon. */
export async function freePort(): Promise<number> {
  for (let tried = 0; tried < size; tried += 1) {
    const port = first + part * size + next;
    next = (next + 1) % size;
    if (await isFree(port)) return port;
  }
  throw new Error(`expected a free port from ${first} to ${last}, found none`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
