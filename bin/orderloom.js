#!/usr/bin/env node
// Runs Orderloom under the Node.js that the project pins in node_modules, whatever `node` the machine
// has: the pinned one runs TypeScript without a build step. npm scripts and npx already use it, and
// then the program runs in this very process. An older `node` becomes the pinned one where it can
// (`process.execve`), and else starts it as a child, which ends with it.
import { spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const pinned = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url));
// Compiled code is kept beside the packages, by `npm ci` already (`keep-compiled.js`): a start needs half
// the time then. Where the folder cannot be written, Node.js goes on without it.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(
  new URL('../node_modules/.cache/orderloom', import.meta.url),
);
const main = fileURLToPath(new URL('../src/app/main.ts', import.meta.url));

if (!existsSync(pinned)) {
  console.error(
    'orderloom: the pinned Node.js is missing. Run `npm ci` in the project folder first.',
  );
  process.exitCode = 1;
} else if (realpathSync(pinned) === realpathSync(process.execPath)) {
  nodeModule.enableCompileCache?.(process.env.NODE_COMPILE_CACHE);
  await import('../src/app/main.ts');
} else {
  const args = [main, ...process.argv.slice(2)];
  if (typeof process.execve === 'function') process.execve(pinned, [pinned, ...args]);
  runAsChild(args);
}

/**
 * The channel (`ipc`) is how the child notices that this process was killed in a way that lets it
 * pass nothing on.
 */
function runAsChild(args) {
  const child = spawn(pinned, args, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => child.kill(signal));
  }
  child.on('error', (error) => {
    console.error(
      `orderloom: ${pinned} cannot be started (${error.message}). Run \`npm ci\` again.`,
    );
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (constants.signals[signal] ?? 1);
  });
}
