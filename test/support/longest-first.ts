/**
 * The order in which test files begin: those that take long go first, so that no worker sits idle at the
 * end while the other one is still at a long one. Without this a clean checkout begins with the largest
 * files, and the crash tests are small files.
 */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Beginnings of paths below the project, longest first; the others follow as Vitest has them. */
const long = [
  'src/engine/testing/simulation/',
  'test/crash/',
  'test/services/',
  'test/docs/newcomers-tour',
  'test/soak/',
  'test/kafka/',
  'test/frame/',
  'src/events/kafka/',
  'src/postgres/embedded/',
  'src/engine/bpmn/models/durable-runs',
  'test/command-line/',
  'test/engine/',
  'test/end-to-end/',
];

/** Sorts files by the list above. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const at = long.findIndex((path) => moduleId.includes(`/${path}`));
      return at === -1 ? long.length : at;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}
