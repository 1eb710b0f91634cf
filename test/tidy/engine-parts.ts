/**
 * The parts of the engine, and that they use each other one way: whoever reads a part need know only what lies
 * below it. A part is a folder of `src/engine`, or a file that stands beside them.
 */
import { isTestFile } from './source-files.ts';

/** What plays processes is written for tests, and stands on everything that it plays. */
const forTests = ['src/engine/testing/', 'src/engine/bpmn/models/'];

/**
 * The one way up: the runtime commits a move to another version as any other transition, and the versions compute
 * it, who stand on the runtime.
 */
const wayUp = 'src/engine/runtime/instance-migration.ts';

/** The part of the engine that a file belongs to; null for tests, the way up, and what is not of the engine. */
export function enginePartOf(path: string): string | null {
  const [source, layer, part] = path.split('/');
  if (source !== 'src' || layer !== 'engine' || part === undefined) return null;
  if (isTestFile(path) || forTests.some((folder) => path.startsWith(folder))) return null;
  return path === wayUp ? null : part;
}
