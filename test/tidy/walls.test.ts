/** The walls of the architecture hold, and the check of them finds what it should. */
import { describe, expect, test } from 'vitest';
import { importCircles, partCircles } from './circles.ts';
import { enginePartOf } from './engine-parts.ts';
import { importedFiles, importSpecifiers } from './imports.ts';
import { readSourceFiles } from './source-files.ts';
import { brokenWalls } from './walls.ts';

const files = (await readSourceFiles()).filter(({ path }) => path.startsWith('src/'));

test('there are files to look at', () => {
  expect(files.length).toBeGreaterThan(20);
  expect(files.flatMap(importedFiles).length).toBeGreaterThan(20);
});

test('no import breaks a wall', () => {
  expect(brokenWalls(files)).toEqual([]);
});

test('no imports form a circle', () => {
  expect(importCircles(files).map((circle) => circle.join(' -> '))).toEqual([]);
});

test('the parts of the engine use each other one way', () => {
  const circles = partCircles(files, enginePartOf);
  expect(circles.map((circle) => circle.join(' -> '))).toEqual([]);
});

test('every import names a file that exists, so that no wall is passed unseen', () => {
  const known = new Set(files.map(({ path }) => path));
  const missing = files
    .filter(({ path }) => !path.includes('/generated/'))
    .flatMap((file) => importedFiles(file).map((target) => `${file.path} -> ${target}`))
    .filter((line) => {
      const target = line.split(' -> ')[1] ?? '';
      return target.startsWith('src/') && target.endsWith('.ts') && !known.has(target);
    })
    .filter((line) => !/\/generated\//.test(line));
  expect(missing).toEqual([]);
});

describe('the check itself', () => {
  /** What the check says of one import from `path`, given from the root. */
  const complaint = (path: string, ...targets: string[]): readonly string[] => {
    const up = '../'.repeat(path.split('/').length - 1);
    const text = targets.map((target) => `import type { X } from '${up}${target}';`).join('\n');
    return brokenWalls([{ path, text }]);
  };

  test.each([
    ['src/postgres/migrate.ts', 'src/kernel/errors.ts'],
    ['src/modules/orders/store.ts', 'src/postgres/index.ts'],
    ['src/modules/orders/store.ts', 'src/modules/orders/order.ts'],
    ['src/procedures/runner.ts', 'src/events/index.ts'],
    ['src/processes/ecommerce/order.ts', 'src/engine/index.ts'],
    ['src/processes/ecommerce/order.ts', 'src/modules/orders/index.ts'],
    ['src/integrations/payment-gateway/provider.ts', 'src/modules/payments/provider.ts'],
    ['src/integrations/courier/client.ts', 'src/integrations/transport/http-transport.ts'],
    ['src/integrations/sandbox/callbacks.ts', 'src/integrations/transport/backoff.ts'],
    ['src/integrations/port-suites/mail-suite.ts', 'src/kernel/ids.ts'],
    ['src/integrations/port-suites/mail-suite.ts', 'src/modules/notifications/provider.ts'],
    ['src/integrations/port-suites/mail-suite.ts', 'src/integrations/port-suites/a-call.ts'],
    ['src/integrations/mail/provider.test.ts', 'src/integrations/port-suites/mail-suite.ts'],
    ['src/integrations/mail/sandbox/a.test.ts', 'src/integrations/port-suites/mail-suite.ts'],
    ['src/http/server.ts', 'src/telemetry/index.ts'],
    ['src/engine-rest/operations/a.ts', 'src/engine/index.ts'],
    ['src/app/modules.ts', 'src/modules/orders/module.ts'],
    ['src/modules/orders/store.test.ts', 'test/support/database.ts'],
    ['src/engine/testing/clock.ts', 'test/support/database.ts'],
    ['test/end-to-end/orders.test.ts', 'src/app/serve.ts'],
  ])('%s may import %s', (path, target) => {
    expect(complaint(path, target)).toEqual([]);
  });

  test.each([
    ['src/kernel/errors.ts', 'src/postgres/index.ts', /kernel may import nothing/],
    ['src/postgres/migrate.ts', 'src/events/index.ts', /postgres may import kernel;/],
    ['src/events/outbox.ts', 'src/engine/index.ts', /events may import kernel, postgres/],
    ['src/engine/store/a.ts', 'src/modules/orders/index.ts', /engine may import/],
    ['src/modules/orders/a.ts', 'src/modules/payments/index.ts', /know nothing of each other/],
    ['src/modules/orders/a.ts', 'src/engine/index.ts', /modules may import/],
    ['src/modules/orders/a.ts', 'src/procedures/index.ts', /modules may import/],
    ['src/modules/orders/a.ts', 'src/postgres/database.ts', /public face src\/postgres\/index\.ts/],
    ['src/processes/a.ts', 'src/modules/orders/order.ts', /face src\/modules\/orders\/index\.ts/],
    ['src/processes/a.ts', 'src/postgres/index.ts', /processes may import/],
    ['src/integrations/courier/a.ts', 'src/modules/delivery/store.ts', /integrations may import/],
    ['src/integrations/a/a.ts', 'src/integrations/b/b.ts', /know nothing of each other/],
    ['src/integrations/transport/a.ts', 'src/integrations/mail/b.ts', /know nothing of each other/],
    ['src/integrations/mail/a.ts', 'src/integrations/port-suites/b.ts', /only tests may import/],
    ['src/app/a.ts', 'src/integrations/port-suites/b.ts', /only tests may import/],
    ['src/modules/a/a.test.ts', 'src/integrations/port-suites/b.ts', /modules may import/],
    ['src/integrations/transport/a.test.ts', 'src/integrations/port-suites/b.ts', /know nothing/],
    ['src/integrations/port-suites/a.ts', 'src/integrations/mail/b.ts', /know nothing/],
    ['src/integrations/port-suites/a.ts', 'src/integrations/transport/b.ts', /know nothing/],
    ['src/integrations/port-suites/a.ts', 'src/modules/payments/store.ts', /integrations may imp/],
    ['src/integrations/port-suites/a.ts', 'src/postgres/index.ts', /integrations may import/],
    ['src/http/server.ts', 'src/app/config.ts', /nobody imports app/],
    ['src/http/server.ts', 'src/modules/orders/index.ts', /http may import/],
    ['src/engine-rest/a.ts', 'src/engine/engine.ts', /face src\/engine\/index\.ts/],
    ['src/engine-rest/a.ts', 'src/procedures/index.ts', /engine-rest may import/],
    ['src/modules/orders/a.ts', 'test/support/database.ts', /nothing outside src/],
    ['src/engine/a.ts', 'bench/main.ts', /nothing outside src/],
    ['src/shared/a.ts', 'src/kernel/errors.ts', /src\/shared is not a layer/],
  ])('%s may not import %s', (path, target, reason) => {
    expect(complaint(path, target)).toEqual([expect.stringMatching(reason)]);
  });

  test('an integration serves one port, and so does each port suite', () => {
    const targets = ['src/modules/delivery/provider.ts', 'src/modules/payments/provider.ts'];
    for (const path of ['src/integrations/courier/a.ts', 'src/integrations/port-suites/a.ts']) {
      expect(complaint(path, ...targets)).toEqual([expect.stringMatching(/serves one port/)]);
    }
    const suites = targets.map((target, index) => ({
      path: `src/integrations/port-suites/${index}.ts`,
      text: `import type { X } from '../../../${target}';`,
    }));
    expect(brokenWalls(suites)).toEqual([]);
  });

  test('finds imports of every form, and none in comments', () => {
    const text = [
      `import a from './a.ts';`,
      `import type { B } from './b.ts';`,
      `import {\n  c,\n  d,\n} from './c.ts';`,
      `export * from './d.ts';`,
      `export { e } from "./e.ts";`,
      `import './f.ts';`,
      `const g = await import('./g.ts');`,
      `type H = import('./h.ts').H;`,
      `// import no from './no.ts';`,
      ` * import no from './no.ts';`,
      `const url = 'https://example.org';`,
      `export const text = 'from';`,
      `const no = './no.ts';`,
    ].join('\n');
    expect(importSpecifiers(text)).toEqual(
      ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name) => `./${name}.ts`),
    );
  });

  test('finds circles of any length, and none where there is none', () => {
    const file = (name: string, ...targets: string[]) => ({
      path: `src/${name}.ts`,
      text: targets.map((target) => `import { x } from './${target}.ts';`).join('\n'),
    });
    expect(importCircles([file('a', 'b', 'c'), file('b', 'd'), file('c', 'd'), file('d')])).toEqual(
      [],
    );
    expect(importCircles([file('a', 'b'), file('b', 'c'), file('c', 'b')])).toEqual([
      ['src/b.ts', 'src/c.ts', 'src/b.ts'],
    ]);
    expect(importCircles([file('a', 'a')])).toEqual([['src/a.ts', 'src/a.ts']]);
  });

  test('finds circles of parts where no files form one', () => {
    const file = (name: string, target: string) => ({
      path: `src/engine/${name}.ts`,
      text: `import { x } from '../${target}.ts';`,
    });
    const upward = [file('store/a', 'model/a'), file('model/b', 'store/b'), file('model/a', 'z')];
    expect(importCircles(upward)).toEqual([]);
    expect(partCircles(upward, enginePartOf)).toEqual([['store', 'model', 'store']]);
    const ofTest = file('model/b.test', 'store/b');
    expect(partCircles([file('store/a', 'model/a'), ofTest], enginePartOf)).toEqual([]);
  });
});
