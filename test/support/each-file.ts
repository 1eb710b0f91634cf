/**
 * What is done for every test file, also where several share a process and so the modules that they
 * import: hooks that such a module registers would be those of the first file alone.
 */
import { afterAll } from 'vitest';
import { cleanUpFile } from './cleanup.ts';

afterAll(cleanUpFile);
