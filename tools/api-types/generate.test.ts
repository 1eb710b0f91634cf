/** Drift: the committed client types are exactly what the documents beside them give. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { clientTypes, documents, keptTypes } from './generate.ts';

const found = await documents();

test('there are documents to compare', () => {
  expect(found.length).toBeGreaterThan(0);
});

test.each(found)('%s has its types generated; else run: npm run generate:clients', async (path) => {
  expect(await keptTypes(path)).toBe(await clientTypes(path));
});

test('a changed document gives other types, so that drift is seen', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'api-types-'));
  try {
    const document = join(folder, 'openapi.yaml');
    const withField = (name: string) =>
      `openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths: {}\ncomponents:\n  schemas:\n` +
      `    Thing: {type: object, properties: {${name}: {type: string}}}\n`;
    await writeFile(document, withField('before'));
    const before = await clientTypes(document);
    await writeFile(document, withField('after'));
    expect(await clientTypes(document)).not.toBe(before);
  } finally {
    await rm(folder, { recursive: true });
  }
});
