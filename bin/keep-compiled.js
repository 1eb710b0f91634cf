// Loads the program once, so that what Node.js compiles of it is kept beside the packages: its first
// start then needs as little time as every later one. Run after `npm ci`, and by a program that found
// nothing kept. Whatever goes wrong here only costs time later, so it never fails an install.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const pathOf = (path) => fileURLToPath(new URL(path, import.meta.url));
const pinned = pathOf('../node_modules/node/bin/node');
const load = `await import(${JSON.stringify(new URL('../src/app/commands/serve.ts', import.meta.url).href)});
await import(${JSON.stringify(new URL('../src/app/start-program.ts', import.meta.url).href)});
process.exit(0);`;

if (existsSync(pinned)) {
  spawnSync(pinned, ['--input-type=module', '--eval', load], {
    env: {
      ...process.env,
      NODE_COMPILE_CACHE:
        process.env.NODE_COMPILE_CACHE ?? pathOf('../node_modules/.cache/orderloom'),
    },
    stdio: 'ignore',
    timeout: 60_000,
  });
}
