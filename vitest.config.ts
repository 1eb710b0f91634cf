/**
 * How the tests run: on the real PostgreSQL, one server for the whole run (see
 * `test/support/global-setup.ts`), and two files at a time.
 */
import { defineConfig } from 'vitest/config';

// biome-ignore lint/style/noDefaultExport: Vitest reads the default export of its configuration.
export default defineConfig({
  test: {
    include: ['{src,test,tools}/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 30_000,
    allowOnly: process.env.CI === undefined,
    restoreMocks: true,
    unstubEnvs: true,
  },
});
