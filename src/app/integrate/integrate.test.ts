/**
 * `orderloom integrate` on a document of somebody else: what is written works, a second run writes
 * nothing, drift is told, and what cannot be mapped stops it with everything at once.
 */
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { parse, stringify } from 'yaml';
import type { RemoteProcedure, RemoteService } from '../../integrations/remote/service.ts';
import { integrate } from '../commands/integrate.ts';

const project = fileURLToPath(new URL('../../../', import.meta.url));
const fixture = fileURLToPath(new URL('foreign-service.fixture.yaml', import.meta.url));
// biome-ignore lint/suspicious/noExplicitAny: a document that a test changes at will
type Mutable = any;

let root: string;
let service: RemoteService;
const written = () => join(root, 'src/integrations/gift-cards');

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'orderloom-integrate-test-'));
  await mkdir(join(root, 'src/integrations'), { recursive: true });
  await mkdir(join(root, 'src/app'));
  for (const path of ['node_modules', 'package.json', 'src/kernel', 'src/integrations/remote']) {
    await symlink(join(project, path), join(root, path));
  }
  vi.spyOn(console, 'log').mockImplementation(() => undefined);
  expect(await integrate(fixture, {}, root)).toBe(0);
  ({ giftCards: service } = (await import(pathToFileURL(join(written(), 'index.ts')).href)) as {
    giftCards: RemoteService;
  });
});
afterAll(() => rm(root, { recursive: true }));

function procedure(name: string): RemoteProcedure {
  const found = service.procedures.find((one) => one.name === `gift-cards.${name}`);
  expect(found, name).toBeDefined();
  return found!;
}

/** The document with a change, in a file of its own. */
async function changed(change: (document: Mutable) => void): Promise<string> {
  const document = parse(await readFile(fixture, 'utf8')) as Mutable;
  change(document);
  const path = join(root, `${Math.random()}.yaml`);
  await writeFile(path, stringify(document));
  return path;
}

async function checked(source: string) {
  const log = vi.spyOn(console, 'log').mockClear();
  const code = await integrate(source, { name: 'gift-cards', check: true, json: true }, root);
  const { differences } = JSON.parse(String(log.mock.calls.at(-1)?.[0]));
  return { code, differences };
}

test('operations are typed procedures that know how they are sent', () => {
  expect(service).toMatchObject({
    name: 'gift-cards',
    title: 'Gift Cards',
    basePath: '/v2',
    credential: { header: 'authorization', prefix: 'Bearer ' },
  });
  const issue = procedure('issueCard');
  expect(issue.effect).toBe('external');
  expect(issue.request).toMatchObject({
    method: 'POST',
    path: '/cards',
    placement: { headers: { 'X-Shop': 'X-Shop' }, body: 'rest' },
    repeatable: true,
    byStatus: { 422: { code: 'GIFT_CARDS_422', title: 'The amount is not possible' } },
  });
  expect(issue.errors.map(({ code }) => code)).toEqual([
    'CARD_LIMIT',
    'SHOP_CLOSED',
    'GIFT_CARDS_422',
  ]);
  // Without the key, sending twice may act twice.
  expect(procedure('transfer').request.repeatable).toBe(false);
  expect(procedure('get-cards-by-cardid-transfers').request).toMatchObject({
    placement: { path: ['cardId'], query: ['state', 'limit'] },
  });
});

test.each([
  ['issueCard', { 'X-Shop': 's', amount: 1, note: null, currency: 'EUR', tags: ['a', 'b'] }, true],
  ['issueCard', { 'X-Shop': 's', amount: 0, currency: 'EUR' }, false],
  ['issueCard', { 'X-Shop': 's', amount: 1, currency: 'euro' }, false],
  ['issueCard', { 'X-Shop': 's', amount: 1, currency: 'EUR', tags: ['a', 'a'] }, false],
  ['issueCard', { amount: 1, currency: 'EUR' }, false],
  ['transfer', { cardId: 'c', body: { to: 'a@b.example' } }, true],
  ['transfer', { cardId: 'c', body: { to: 'nobody' } }, false],
  ['get-cards-by-cardid-transfers', { cardId: 'c', limit: 1, state: ['open'] }, true],
  ['get-cards-by-cardid-transfers', { cardId: 'c', limit: 0 }, false],
])('the input of %s is checked: %j', (name, input, fits) => {
  expect(procedure(name).input.safeParse(input).success).toBe(fits);
});

test('answers are read: new fields are ignored, write-only ones not expected, trees go deep', () => {
  const { output } = procedure('issueCard');
  expect(output.parse({ id: 'c', amount: 5, extra: { a: 1 }, addedLater: true })).toEqual({
    id: 'c',
    amount: 5,
    extra: { a: 1 },
  });
  const tree = procedure('get-cards-by-cardid-transfers').output;
  expect(tree.safeParse({ id: 'a', next: [{ id: 'b', next: [] }] }).success).toBe(true);
  expect(tree.safeParse({ id: 'a', next: [{ id: 'b', next: [{ id: 1 }] }] }).success).toBe(false);
});

test('webhooks and callbacks are events', () => {
  expect(service.events.map(({ name }) => name)).toEqual([
    'gift-cards.card.expired',
    'gift-cards.issueCard.redeemed',
  ]);
  const redeemed = service.events[1]!;
  expect(redeemed.key(redeemed.payload.parse({ cardId: 'c-1', left: 2 }))).toBe('c-1');
});

test('a second run writes nothing, and a check of the same document finds nothing', async () => {
  const log = vi.spyOn(console, 'log').mockClear();
  expect(await integrate(fixture, {}, root)).toBe(0);
  expect(log.mock.calls).toEqual([['gift-cards: nothing has changed.']]);
  expect(await checked(fixture)).toEqual({ code: 0, differences: [] });
});

test('drift is told with what breaks and what does not, with exit code 1', async () => {
  const operation = (document: Mutable) => document.paths['/cards'].post!;
  const harmless = await changed((document) => {
    operation(document).summary = 'Other words';
    document.paths['/cards'].get = { operationId: 'listCards', responses: {} };
    document.components.schemas.Base.properties.colour = { type: 'string' };
  });
  expect(await checked(harmless)).toEqual({
    code: 1,
    differences: expect.arrayContaining([
      { kind: 'added', what: 'listCards', breaking: false, detail: 'GET /cards' },
      expect.objectContaining({ kind: 'changed', what: 'issueCard', breaking: false }),
    ]),
  });
  const breaking = await changed((document) => {
    delete document.paths['/cards/{cardId}/transfers'];
    document.components.schemas.Base.required = ['amount', 'note'];
  });
  const { code, differences } = await checked(breaking);
  expect(code).toBe(1);
  expect(differences).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ kind: 'removed', what: 'transfer', breaking: true }),
      expect.objectContaining({ kind: 'changed', what: 'issueCard', breaking: true }),
    ]),
  );
});

test('what cannot be mapped is told at once, and nothing is written', async () => {
  const source = await changed((document) => {
    document.info.title = 'Bad';
    const { schemas } = document.components;
    schemas.Card = { not: { type: 'string' } };
    schemas.NewCard = { $ref: 'other.yaml#/x' };
    document.paths['/cards/{cardId}/transfers'].post.requestBody = {
      required: true,
      content: { 'multipart/form-data': {} },
    };
  });
  const failure = integrate(source, {}, root);
  await expect(failure).rejects.toThrow(/"not" cannot be mapped/);
  await expect(failure).rejects.toThrow(/other\.yaml#\/x" is another document/);
  await expect(failure).rejects.toThrow(/multipart\/form-data; only JSON can be sent/);
  await expect(readFile(join(root, 'src/integrations/bad/openapi.yaml'))).rejects.toThrow('ENOENT');
});

test.each([
  ['text', 'expected an OpenAPI document'],
  ['{"swagger": "2.0"}', 'found Swagger 2.0'],
  ['{"openapi": "3.1.0", "paths": {}}', 'expected operations, found none'],
  [
    `{"openapi": "3.1.0", "x": ${'['.repeat(200)}${']'.repeat(200)}}`,
    'expected at most 100 levels',
  ],
])('a document that is none is refused: %.30s', async (text, message) => {
  const path = join(root, 'none.json');
  await writeFile(path, text);
  await expect(integrate(path, { name: 'none' }, root)).rejects.toThrow(message);
});

test('a folder that was written by hand is left alone', async () => {
  await cp(join(project, 'src/integrations/courier'), join(root, 'src/integrations/courier'), {
    recursive: true,
  });
  await expect(integrate(fixture, { name: 'courier' }, root)).rejects.toThrow(
    /did not write; choose another name/,
  );
});

test.each([
  ['payments', /that of the module "payments"; such as payments-service/],
  ['delivery', /that of the module "delivery"/],
  ['payment', /that of the webhook "payment" of payments/],
])('a name that is taken is refused before anything is written: %s', async (name, message) => {
  await expect(integrate(fixture, { name }, root)).rejects.toThrow(message);
  await expect(readFile(join(root, 'src/integrations', name, 'openapi.yaml'))).rejects.toThrow();
});
