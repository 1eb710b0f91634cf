#!/usr/bin/env node
// Starts Orderloom under the Node.js that the project pins in node_modules, whatever `node` the
// machine has: the pinned one runs TypeScript without a build step.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const pinned = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url));
const main = fileURLToPath(new URL('../src/app/main.ts', import.meta.url));

if (!existsSync(pinned)) {
  console.error(
    'orderloom: the pinned Node.js is missing. Run `npm ci` in the project folder first.',
  );
  process.exit(1);
}

const child = spawn(pinned, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => child.kill(signal));
}
child.on('exit', (code, signal) => {
  process.exitCode = code ?? (signal ? 128 + 15 : 1);
});
