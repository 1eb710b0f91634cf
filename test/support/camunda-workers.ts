/** Starts workers that speak the REST dialect of Camunda 7, each a process, and keeps what they tell. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { WorkerNews } from './camunda-worker.ts';
import { laterCleanup } from './cleanup.ts';

/** A worker that runs. */
export interface CamundaWorker {
  readonly id: string;
  /** What it told so far. */
  readonly news: readonly WorkerNews[];
  /** Has it go on with slow work. */
  goOn(): void;
}

/** Starts one; it is killed when the test is over. */
export function startCamundaWorker(options: {
  readonly url: string;
  readonly id: string;
  readonly key: string;
}): CamundaWorker {
  const { url, id, key } = options;
  const entry = fileURLToPath(new URL('./camunda-worker.ts', import.meta.url));
  const child = fork(entry, [], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: {
      PATH: process.env.PATH,
      BASE_URL: `${url}/engine-rest`,
      WORKER_ID: id,
      WORKER_KEY: key,
    },
  });
  const ended = once(child, 'exit');
  laterCleanup(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const news: WorkerNews[] = [];
  child.on('message', (one: WorkerNews) => news.push(one));
  return { id, news, goOn: () => void child.send('go on') };
}
