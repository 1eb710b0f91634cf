/**
 * Restate on the ten steps: its server, with its own storage and its default durability (the log is
 * written with fsync), a service in this program, and calls through the ingress. Every step is a
 * `ctx.run`, whose result is durable before the next begins.
 */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as restate from '@restatedev/restate-sdk';
import * as clients from '@restatedev/restate-sdk-clients';
import { startInput, stepCount, stepOutput } from '../engine/ten-steps.ts';
import { measurePeer } from './measure-peer.ts';

const longestStartMs = 60_000;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port was given');
  return address.port;
}

async function waitFor(url: string): Promise<void> {
  const deadline = Date.now() + longestStartMs;
  for (;;) {
    const answer = await fetch(url).catch(() => null);
    if (answer?.ok) return;
    if (Date.now() > deadline) throw new Error(`no answer from ${url} in ${longestStartMs} ms`);
    await delay(100);
  }
}

async function startServer(folder: string) {
  const require = createRequire(import.meta.url);
  const binary = require.resolve(
    `@restatedev/restate-server-${process.platform}-${process.arch}/bin/restate-server`,
  );
  const [ingress, admin, node] = [await freePort(), await freePort(), await freePort()];
  const child = spawn(binary, ['--no-logo', '--listen-mode', 'tcp'], {
    stdio: 'ignore',
    env: {
      ...process.env,
      RESTATE_BASE_DIR: join(folder, 'restate'),
      RESTATE_NODE_NAME: 'bench',
      RESTATE_BIND_IP: '127.0.0.1',
      RESTATE_BIND_PORT: String(node),
      RESTATE_INGRESS__BIND_PORT: String(ingress),
      RESTATE_ADMIN__BIND_PORT: String(admin),
      RESTATE_DISABLE_TELEMETRY: 'true',
      RUST_LOG: 'error',
    },
  });
  process.once('exit', () => child.kill('SIGKILL'));
  process.once('SIGTERM', () => process.exit(1));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await waitFor(`http://127.0.0.1:${admin}/health`);
  await waitFor(`http://127.0.0.1:${ingress}/restate/health`);
  return {
    ingress: `http://127.0.0.1:${ingress}`,
    admin: `http://127.0.0.1:${admin}`,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

await measurePeer(async ({ folder }, onStep) => {
  const service = restate.service({
    name: 'tenSteps',
    handlers: {
      async run(ctx: restate.Context, input: typeof startInput) {
        for (let step = 1; step <= stepCount; step += 1) {
          await ctx.run(`step-${step}`, async () => {
            onStep(step);
            return stepOutput(step);
          });
        }
        return input.customer;
      },
    },
  });
  const port = await freePort();
  await restate.serve({ services: [service], port, logger: () => undefined });
  const server = await startServer(folder);
  const answer = await fetch(`${server.admin}/deployments`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ uri: `http://127.0.0.1:${port}` }),
  });
  if (!answer.ok) throw new Error(`the service was not registered: ${await answer.text()}`);
  const client = clients.connect({ url: server.ingress }).serviceClient(service);
  return {
    async run() {
      await client.run(startInput);
    },
    stop: server.stop,
  };
});
