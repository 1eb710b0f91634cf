/** A server whose event loop is far behind, over real HTTP. */
import { expect, test } from 'vitest';
import { startShop } from '../../../test/support/shop-server.ts';

test('far behind, it turns everything away but probes; browsers may read why and when to come again', async () => {
  let delayMs = 2_000;
  const page = 'https://shop.example';
  const shop = await startShop({
    config: { corsOrigins: [page] },
    more: { loopDelay: { read: () => delayMs } },
  });
  const read = () => shop.get('/api/items/01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11', asked);
  const asked = { as: 'anna', headers: { origin: page } };
  expect((await read()).status).toBe(404);
  delayMs = 2_001;
  const { status, body, headers } = await read();
  expect({ status, code: body.code }).toEqual({ status: 503, code: 'OVERLOADED' });
  expect(headers.get('retry-after')).toBe('2');
  expect(headers.get('access-control-allow-origin')).toBe(page);
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect((await shop.get('/actuator/health/liveness')).status).toBe(200);
});
