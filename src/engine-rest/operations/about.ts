/** Operations that say what answers here; tools ask them before anything else. */
import type { Operation } from '../operation.ts';

/** The version of Camunda 7 whose words are spoken here. */
const spokenVersion = '7.24.0';

/** Operations over the engine itself. */
export const aboutOperations: readonly Operation[] = [
  {
    method: 'GET',
    path: '/version',
    procedures: [],
    note: 'The version of Camunda 7 whose words are spoken, for tools that depend on it.',
    async answer() {
      return { json: { version: spokenVersion } };
    },
  },
  {
    method: 'GET',
    path: '/engine',
    procedures: [],
    note: 'There is one engine, `default`.',
    async answer() {
      return { json: [{ name: 'default' }] };
    },
  },
  ...['/tenant', '/filter'].flatMap((path): readonly Operation[] => [
    {
      method: 'GET',
      path,
      procedures: [],
      note: `There are no ${path.slice(1)}s: the list is empty.`,
      answer: async () => ({ json: [] }),
    },
    {
      method: 'GET',
      path: `${path}/count`,
      procedures: [],
      answer: async () => ({ json: { count: 0 } }),
    },
  ]),
];
