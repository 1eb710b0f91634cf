/** The list of operations: each runs procedures that exist, and lets in no one whom these would refuse. */
import { expect, test } from 'vitest';
import { readManifests } from '../../src/app/contracts/manifests.ts';
import { engineRestOperations } from '../../src/engine-rest/index.ts';

const procedures = new Map(
  readManifests().flatMap((module) => module.procedures.map((one) => [one.name, one] as const)),
);

test('no operation is there twice', () => {
  const names = engineRestOperations.map(({ method, path }) => `${method} ${path}`);
  expect(new Set(names).size).toBe(names.length);
});

test.each(engineRestOperations)('$method $path runs procedures that exist', (operation) => {
  expect(operation.procedures.filter((name) => !procedures.has(name))).toEqual([]);
});

test.each(engineRestOperations)('$method $path: demo mode lends what all of it needs', (one) => {
  const [first, ...others] = one.procedures.map((name) => procedures.get(name)?.access);
  const lent = Array.isArray(first) ? first[0] : first;
  for (const access of others) if (Array.isArray(access)) expect(access).toContain(lent);
});
