/** What becomes of orders that do not reach their customer: each ends whole, with nothing left over. */
import { expect, test } from 'vitest';
import { placeOrder } from './order-story.ts';
import { startShop } from './shop.ts';

const shop = await startShop();

test('smoke', async () => {
  const story = await placeOrder(shop);
  console.log((await story.standsAt('wait-payment')).timeline.map((e) => e.seq + ' ' + e.text));
  console.log(
    await story.order(),
    await story.subjects(),
    await story.sessions(),
    await story.reservation(),
  );
  await story.paymentWebhook('failed');
  console.log((await story.ended()).timeline.map((e) => e.seq + ' ' + e.text));
  console.log(
    await story.order(),
    await story.mails(),
    await story.sessions(),
    await story.reservation(),
    await story.steps(),
  );
});
