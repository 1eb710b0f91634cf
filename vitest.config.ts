/**
 * How the tests run: on the real PostgreSQL, one server for the whole run (see
 * `test/support/global-setup.ts`), and two files at a time, the long ones first. Each of the two workers
 * loads the program once, not once for each of its files; so a file leaves nothing behind in its process.
 */
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.ts';

// biome-ignore lint/style/noDefaultExport: Vitest reads the default export of its configuration.
export default defineConfig({
  test: {
    include: ['{src,test,tools}/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    setupFiles: ['test/support/each-file.ts'],
    isolate: false,
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    // Longer than what a test waits for, so that it can say what did not come.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000, interval: 10 } },
    allowOnly: process.env.CI === undefined,
    restoreMocks: true,
    unstubEnvs: true,
  },
});
