/**
 * Guides show files as they are: each code block behind a `file:` mark is that file's text. With
 * `UPDATE_DOCS=1` the blocks are written anew.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const project = new URL('../../', import.meta.url);
const marked = /<!-- file: (\S+) -->\n```ts\n[\s\S]*?```/g;

test.each([
  ['write-a-process', ['test/docs/thank-customer.ts', 'test/docs/thank-customer.test.ts']],
  ['test-a-process', ['test/docs/thank-customer-on-engine.test.ts']],
  ['kafka', ['test/docs/billing-fulfillment.ts']],
])('the guide %s shows its files as they are', async (name, shown) => {
  const guide = new URL(`docs/guides/${name}.md`, project);
  const text = await readFile(guide, 'utf8');
  const files = [...text.matchAll(marked)].map(([, path]) => path!);
  const sources = new Map<string, string>();
  for (const path of files) sources.set(path, await readFile(new URL(path, project), 'utf8'));
  const expected = text.replaceAll(
    marked,
    (_, path: string) => `<!-- file: ${path} -->\n\`\`\`ts\n${sources.get(path)}\`\`\``,
  );
  expect(files).toEqual(shown);
  if (process.env.UPDATE_DOCS === '1') await writeFile(fileURLToPath(guide), expected);
  else expect(text, 'run UPDATE_DOCS=1 npx vitest run test/docs').toBe(expected);
});
