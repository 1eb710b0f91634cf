/**
 * The API reference in a real browser: it opens without any network but the program's own, within its
 * strict content security policy, and the try-out places an order.
 */
import { expect, test } from 'vitest';
import { startBrowser } from '../support/browser.ts';
import { OrderStory } from './order-story.ts';
import { startShop } from './shop.ts';

const shop = await startShop();
const browser = await startBrowser();
if ('missing' in browser) console.warn(`/docs is not tested in a browser: ${browser.missing}`);

test.skipIf('missing' in browser)(
  '/docs opens, and its try-out places an order',
  async () => {
    if ('missing' in browser) return;
    const page = await browser.newPage({ viewport: { width: 1280, height: 1400 } });
    const complaints: string[] = [];
    const strangers: string[] = [];
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('requestfailed', (request) => complaints.push(`${request.url()} failed`));
    page.on('request', (request) => {
      if (!/^(data:|blob:)/.test(request.url()) && !request.url().startsWith(shop.url)) {
        strangers.push(request.url());
      }
    });

    await page.goto(`${shop.url}/docs`);
    const order = page.locator('.opblock-post', {
      has: page.locator('.opblock-summary-path[data-path="/orders"]'),
    });
    await order.waitFor();
    expect(await page.title()).toContain('Orderloom');
    expect(await page.locator('.opblock').count()).toBeGreaterThan(40);

    await order.locator('.opblock-summary').click();
    // The body that stands there is ready to be sent.
    const answered = page.waitForResponse((response) => response.request().method() === 'POST');
    await order.locator('button.execute').click();
    const response = await answered;
    expect(response.status(), await response.text()).toBe(201);
    await order.locator('.live-responses-table').waitFor();
    expect(await order.locator('.live-responses-table').innerText()).toContain('201');

    const placed = (await response.json()) as { id: string };
    await new OrderStory(shop, placed.id, '').standsAt('wait-payment');
    expect(complaints).toEqual([]);
    expect(strangers).toEqual([]);
  },
  60_000,
);
