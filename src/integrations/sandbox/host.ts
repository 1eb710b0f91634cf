/**
 * Several sandboxes behind one port, each below a path of its own: `http://127.0.0.1:3104/mbos-billing`.
 * A sandbox is made when it is first spoken to, so that a program can offer many and start at once. One
 * whose journal holds something from an earlier run is made soon after the start, since it may have
 * callbacks to send.
 */
import { existsSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type RecordPlay, startRecordSandbox } from './record-sandbox.ts';
import type { MountedSandbox, RunningSandbox, SandboxOptions } from './sandbox.ts';

/** Loads a system's play when it is first needed. */
export type LoadPlay = () => Promise<RecordPlay>;

/** Running sandboxes behind one port. */
export interface SandboxHost {
  /** Without a slash at the end. */
  readonly url: string;
  /** The address of each system. */
  readonly systems: Readonly<Record<string, string>>;
  /** Stops listening and sending; open connections are closed. */
  stop(): Promise<void>;
}

type Sandbox = RunningSandbox & { readonly handle: MountedSandbox };

/** Starts the host; resolves when it takes calls. */
export async function startSandboxHost(
  plays: Readonly<Record<string, LoadPlay>>,
  options: Omit<SandboxOptions, 'mountedAt'> & {
    /** When sandboxes with an earlier journal are made, after the start. @defaultValue 0, at once */
    readonly resumeAfterMs?: number;
  },
): Promise<SandboxHost> {
  const { host = '127.0.0.1', port = 0, journal, log, clock, resumeAfterMs = 0 } = options;
  const made = new Map<string, Promise<Sandbox>>();
  let url = '';
  const sandboxOf = (name: string, load: LoadPlay): Promise<Sandbox> => {
    const known = made.get(name);
    if (known) return known;
    const mountedAt = `${url}/${name}`;
    const making = load().then((play) => startRecordSandbox(play, { ...options, mountedAt }));
    made.set(name, making);
    return making;
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, name = '', rest = ''] = /^\/([^/?]+)(.*)$/s.exec(request.url ?? '') ?? [];
    const load = Object.hasOwn(plays, name) ? plays[name] : undefined;
    if (!load) {
      const known = Object.keys(plays).join(', ');
      const message = `expected a path that begins with a system (${known}), found ${request.url}`;
      return sendProblem(response, 404, { code: 'NO_SUCH_SYSTEM', message });
    }
    const { handle } = await sandboxOf(name, load);
    request.url = rest.startsWith('/') ? rest : `/${rest}`;
    handle(request, response);
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      log.error({ error, url: request.url }, 'a sandbox could not be made');
      const message = error instanceof Error ? error.message : String(error);
      sendProblem(response, 500, { code: 'SANDBOX_BROKEN', message });
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  url = `http://${host}:${(server.address() as AddressInfo).port}`;
  const resume = () => {
    for (const [name, load] of Object.entries(plays)) {
      if (!hasJournal(journal, name)) continue;
      sandboxOf(name, load).catch((error: unknown) =>
        log.error({ error, system: name }, 'a sandbox could not be made'),
      );
    }
  };
  const forget = clock.schedule(new Date(clock.now().getTime() + resumeAfterMs), resume);
  return {
    url,
    systems: Object.fromEntries(Object.keys(plays).map((name) => [name, `${url}/${name}`])),
    async stop() {
      forget();
      const running = await Promise.allSettled(made.values());
      for (const one of running) if (one.status === 'fulfilled') await one.value.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function hasJournal(folder: string | undefined, name: string): boolean {
  if (folder === undefined) return false;
  const file = join(folder, `${name}.jsonl`);
  return existsSync(file) && statSync(file).size > 0;
}

function sendProblem(response: ServerResponse, status: number, body: object): void {
  if (response.headersSent) return void response.end();
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
