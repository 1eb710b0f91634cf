/** Webhooks act once, only for those who know the secret, and are kept before they are answered. */
import { expect, test } from 'vitest';
import { demoCaller, shopSecrets, startShop } from '../../test/support/shop-server.ts';
import { signWebhook } from '../kernel/webhook-signature.ts';
import { purgeWebhookReceipts, receiptsKeptMs } from './webhooks/purge.ts';

const header = 'orderloom-signature';

type Shop = Awaited<ReturnType<typeof startShop>>;

function deliver(shop: Shop, body: unknown, options: { secret?: string; at?: Date } = {}) {
  const raw = typeof body === 'string' ? body : JSON.stringify(body);
  const { secret = shopSecrets[0], at = shop.clock.now() } = options;
  return shop.post('/webhooks/shop', { raw, headers: { [header]: signWebhook(secret, raw, at) } });
}

const receipts = (shop: Shop) =>
  shop.column(`select state || ' ' || attempts from http.webhook_receipt order by received_at, id`);
const heard = (shop: Shop) => shop.column('select what from shop.heard order by place');

test('a signed delivery acts and is kept, to the byte and without credentials', async () => {
  const shop = await startShop();
  const raw = '{ "id":"d-1",   "what":"ünï" }';
  const answer = await shop.post('/webhooks/shop', {
    raw,
    headers: {
      [header]: signWebhook(shopSecrets[0], raw, shop.clock.now()),
      authorization: 'Bearer anna',
      cookie: 'session=1',
    },
  });
  expect(answer.body).toMatchObject({ received: true, duplicate: false, result: { heard: 'ünï' } });
  const { rows } = await shop.database.query<{ body: Buffer; headers: object; signed: boolean }>(
    'select * from http.webhook_receipt',
  );
  expect(rows[0]!.body.toString('utf8')).toBe(raw);
  expect(rows[0]).toMatchObject({ delivery_id: 'd-1', signed: true, state: 'accepted' });
  expect(Object.keys(rows[0]!.headers)).not.toEqual(
    expect.arrayContaining([expect.stringMatching(/authorization|cookie/)]),
  );
});

test('no, wrong, foreign, changed and old signatures are refused, and leave nothing', async () => {
  const shop = await startShop();
  const raw = '{"id":"d-1","what":"x"}';
  const now = shop.clock.now();
  const send = (signature?: string, body = raw) =>
    shop.post('/webhooks/shop', {
      raw: body,
      headers: signature === undefined ? {} : { [header]: signature },
    });
  const answers = [
    await send(),
    await send('nonsense'),
    await send(signWebhook('another secret', raw, now)),
    await send(signWebhook(shopSecrets[0], raw, now), '{"id":"d-1","what":"y"}'),
    await send(signWebhook(shopSecrets[0], raw, new Date(now.getTime() - 301_000))),
    await send(signWebhook(shopSecrets[0], raw, new Date(now.getTime() + 301_000))),
  ];
  expect(answers.map(({ status, body }) => `${status} ${body.code}`)).toEqual([
    '401 WEBHOOK_SIGNATURE_MISSING',
    '401 WEBHOOK_SIGNATURE_INVALID',
    '401 WEBHOOK_SIGNATURE_INVALID',
    '401 WEBHOOK_SIGNATURE_INVALID',
    '401 WEBHOOK_SIGNATURE_EXPIRED',
    '401 WEBHOOK_SIGNATURE_EXPIRED',
  ]);
  expect([await receipts(shop), await heard(shop)]).toEqual([[], []]);
});

test('both secrets of a rotation are taken', async () => {
  const shop = await startShop();
  expect((await deliver(shop, { id: '1', what: 'old' })).status).toBe(200);
  const second = await deliver(shop, { id: '2', what: 'new' }, { secret: shopSecrets[1] });
  expect(second.status).toBe(200);
});

test('a duplicate is answered and acts not, by its id or by its bytes', async () => {
  const shop = await startShop();
  await deliver(shop, { id: 'd-1', what: 'once' });
  const again = await deliver(shop, { id: 'd-1', what: 'once more' });
  expect([again.status, again.body]).toEqual([200, { received: true, duplicate: true }]);
  await deliver(shop, { what: 'no id' });
  expect((await deliver(shop, { what: 'no id' })).body).toMatchObject({ duplicate: true });
  expect(await heard(shop)).toEqual(['once', 'no id']);
});

test('ten deliveries at once of the same id act once', async () => {
  const shop = await startShop();
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => deliver(shop, { id: 'd-1', what: 'once' })),
  );
  expect(answers.every(({ status }) => status === 200)).toBe(true);
  expect(answers.filter(({ body }) => body.duplicate === false)).toHaveLength(1);
  expect(await heard(shop)).toEqual(['once']);
});

test('a refused delivery is kept with its problem, and may be tried again', async () => {
  const shop = await startShop();
  const refused = await deliver(shop, { id: 'd-1', what: 'refuse me' });
  expect([refused.status, refused.body.code]).toEqual([409, 'NAME_TAKEN']);
  expect([await receipts(shop), await heard(shop)]).toEqual([['refused 1'], []]);
  expect(await shop.column('select problem from http.webhook_receipt')).toMatchObject([
    { code: 'NAME_TAKEN' },
  ]);
  expect((await deliver(shop, { id: 'd-1', what: 'refuse me' })).status).toBe(409);
  await deliver(shop, { id: 'd-2', what: 'closed' });
  expect((await deliver(shop, { id: 'd-1', what: 'refuse me' })).status).toBe(200);
  expect(await receipts(shop)).toEqual(['accepted 3', 'accepted 1']);
});

test('bodies that are not what the procedure takes are told so', async () => {
  const shop = await startShop();
  expect((await deliver(shop, 'no json')).body.code).toBe('MALFORMED_JSON');
  expect((await deliver(shop, '[1]')).body.code).toBe('INVALID_INPUT');
  expect((await deliver(shop, { id: 'd-1' })).body).toMatchObject({
    code: 'INVALID_INPUT',
    errors: [{ pointer: '/what' }],
  });
  expect((await shop.post('/webhooks/unknown', { body: {} })).status).toBe(404);
});

test('demo mode takes unsigned webhooks, but no wrong signatures and none from a stranger’s page', async () => {
  const shop = await startShop({ config: { demo: { callerFor: () => demoCaller } } });
  const raw = '{"what":"unsigned"}';
  const curl = { 'content-type': 'application/x-www-form-urlencoded' };
  expect((await shop.post('/webhooks/shop', { raw, headers: curl })).status).toBe(200);
  const bad = signWebhook('x', raw, shop.clock.now());
  const wrong = await shop.post('/webhooks/shop', { raw, headers: { [header]: bad } });
  expect(wrong.body.code).toBe('WEBHOOK_SIGNATURE_INVALID');
  const origin = { origin: 'https://evil.example' };
  const page = await shop.post('/webhooks/shop', { raw: '{"what":"forged"}', headers: origin });
  expect(page.body.code).toBe('WEBHOOK_SIGNATURE_MISSING');
  expect(await shop.column('select signed from http.webhook_receipt')).toEqual([false]);
});

test('outside demo mode a webhook without a secret is refused at start', async () => {
  await expect(startShop({ more: { webhookSecrets: {} } })).rejects.toThrow(
    'expected a secret for each webhook, found none for shop',
  );
});

test('receipts are recognised for 90 days, then purged', async () => {
  const shop = await startShop();
  const started = shop.clock.now().getTime();
  await deliver(shop, { id: 'd-1', what: 'x' });
  shop.clock.set(new Date(started + receiptsKeptMs - 1).toISOString());
  expect(await purgeWebhookReceipts(shop.database, shop.clock.now())).toBe(0);
  shop.clock.set(new Date(started + receiptsKeptMs).toISOString());
  expect(await purgeWebhookReceipts(shop.database, shop.clock.now())).toBe(1);
  expect(await receipts(shop)).toEqual([]);
});
