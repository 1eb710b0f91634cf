/** What the documentation names exists: pages, files, commands; and what it signs is signed rightly. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { glob, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { commandLine } from '../../src/app/command-line.ts';
import { checkWebhookSignature } from '../../src/kernel/webhook-signature.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** Where file names in the text begin: they are shortened where the reader knows the place. */
const bases = ['', 'src', 'src/engine'];

async function pages(): Promise<{ path: string; text: string }[]> {
  const paths: string[] = [];
  for await (const path of glob(['*.md', 'docs/**/*.md'], { cwd: root })) paths.push(path);
  return Promise.all(
    paths.sort().map(async (path) => ({ path, text: await readFile(join(root, path), 'utf8') })),
  );
}

const all = await pages();

/** Files that the reader of a page is asked to make. */
function madeByReader(text: string): ReadonlySet<string> {
  return new Set([...text.matchAll(/^\*\*`([^`]+)`\*\*$/gm)].map(([, path]) => path!));
}

test('there are pages', () => {
  expect(all.map(({ path }) => path)).toEqual(
    expect.arrayContaining(['README.md', 'ARCHITECTURE.md', 'docs/README.md']),
  );
});

test('every link leads somewhere', () => {
  const broken = all.flatMap(({ path, text }) =>
    [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
      .map(([, target]) => target!)
      .filter((target) => !/^https?:/.test(target))
      .filter((target) => !existsSync(join(root, dirname(path), target)))
      .map((target) => `${path} -> ${target}`),
  );
  expect(broken).toEqual([]);
});

test('every page below docs/ can be found from its index', async () => {
  const index = await readFile(join(root, 'docs/README.md'), 'utf8');
  const unlisted = all
    .map(({ path }) => path)
    .filter((path) => path.startsWith('docs/') && path !== 'docs/README.md')
    .filter((path) => !index.includes(`(${path.slice('docs/'.length)})`));
  expect(unlisted).toEqual([]);
});

test('every file that is named exists', () => {
  const missing = all.flatMap(({ path, text }) => {
    const made = madeByReader(text);
    return [...text.matchAll(/`((?:[\w.-]+\/)+[\w.-]+\.(?:ts|js|md|yaml|json))`/g)]
      .map(([, file]) => file!)
      .filter((file) => !made.has(file))
      .filter((file) => !bases.some((base) => existsSync(join(root, base, file))))
      .map((file) => `${path}: ${file}`);
  });
  expect(missing).toEqual([]);
});

test('every command that is named exists', () => {
  const known = new Set(commandLine().commands.map((command) => command.name()));
  const unknown = all
    .filter(({ path }) => path !== 'docs/reference/command-line.md')
    .flatMap(({ path, text }) =>
      [...text.matchAll(/(?:npx|`)\s?orderloom ([a-z][a-z-]*)/g)]
        .map(([, name]) => name!)
        .filter((name) => !known.has(name))
        .map((name) => `${path}: orderloom ${name}`),
    );
  expect(unknown).toEqual([]);
});

describe('the guide to webhooks', () => {
  const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

  test.skipIf(!hasOpenssl)('signs as the program checks', async () => {
    const guide = await readFile(join(root, 'docs/guides/webhooks.md'), 'utf8');
    const script = /```bash\n([\s\S]*?)```/.exec(guide)?.[1]?.split('curl')[0] ?? '';
    const { stdout } = spawnSync(
      'bash',
      ['-c', `${script}\nprintf '%s\\n%s' "t=$t,v1=$v1" "$body"`],
      {
        encoding: 'utf8',
        env: { ...process.env, PAYMENT_WEBHOOK_SECRETS: 'a secret of the guide' },
      },
    );
    const [header, rawBody = ''] = stdout.split('\n');
    expect(
      checkWebhookSignature({
        secrets: ['a secret of the guide'],
        header,
        rawBody,
        now: new Date(),
      }),
    ).toBe('valid');
  });
});
