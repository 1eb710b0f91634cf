/** What an operator sees of outgoing webhooks, and what the commands have them do. */
import { expect, onTestFinished, test } from 'vitest';
import { catchPrinted } from '../../../test/support/catch-printed.ts';
import { silentLog, thing } from '../../../test/support/event-log.ts';
import { startEventServer } from '../../../test/support/event-server.ts';
import { waitUntil } from '../../../test/support/wait-until.ts';
import { checkDelivery, startReceiver } from '../../../test/support/webhook-receiver.ts';
import { createOutbox, deliverWebhooks, eventsModule, webhooksModule } from '../../events/index.ts';
import { systemClock } from '../../kernel/clock.ts';
import { CommandError } from '../api-client.ts';
import { commandContext } from '../command-context.ts';
import {
  addWebhook,
  listDeliveries,
  listWebhooks,
  removeWebhook,
  replayWebhook,
  rotateWebhookSecret,
  switchWebhook,
} from './webhooks.ts';

const encryptionKey = new Uint8Array(32).fill(7);

test('an address is subscribed, fails, is sent again, gets a new secret, is switched off and removed', async () => {
  const { base, database, log, record } = await startEventServer({
    modules: ({ log }) => [
      eventsModule({ eventLog: () => log, events: () => [] }),
      webhooksModule({
        changed: () => log.groupsChanged(),
        horizon: () => log.horizon(),
        positionBefore: (moment) => log.positionBefore(moment),
        eventNames: () => new Set(['thing.happened']),
        allowPrivate: true,
        encryptionKey,
      }),
    ],
  });
  const delivery = deliverWebhooks({
    ...{ database, log, encryptionKey, clock: systemClock, logger: silentLog, version: '0.0.0' },
    outbox: createOutbox({ subscribers: [log.subscriber] }),
    ...{ allowPrivate: true, pollMs: 20, firstPauseMs: 3_600_000, longestPauseMs: 3_600_000 },
  });
  onTestFinished(() => delivery.stop());
  const context = commandContext({ url: base }, { ORDERLOOM_TOKEN: 'operator' });
  const said = catchPrinted();
  const receiver = await startReceiver(() => 503);

  const added = await said(addWebhook(context, receiver.url, { events: 'thing.happened' }));
  expect(added).toContain('is told of thing.happened from now on');
  const id = /^Subscription +(\S+)$/m.exec(added)![1]!;
  const secret = /^Secret +(\S+)$/m.exec(added)![1]!;
  await record(thing(1, 'a'));
  await waitUntil('the failure', async () =>
    (await said(listWebhooks(context, { status: 'failing' }))).includes('found 503'),
  );
  expect(await said(listWebhooks(context, {}))).toContain(`orderloom webhooks deliveries ${id}`);
  const sent = await said(listDeliveries(context, id, { key: 'a' }));
  expect(sent).toMatch(/thing\.happened +a +pending +1 .*found 503/);
  const deliveryId = /orderloom webhooks replay \S+ (\S+)/.exec(sent)![1]!;

  receiver.behave(() => 200);
  expect(await said(replayWebhook(context, id, deliveryId, {}))).toBe(
    'thing.happened of a is sent again.',
  );
  await waitUntil('the delivery', () => receiver.taken().length === 1);
  expect(checkDelivery(secret, receiver.received.at(-1)!)).toBe('valid');
  expect(await said(replayWebhook(context, id, undefined, { after: '0' }))).toBe(
    '1 event is sent again.',
  );
  await waitUntil('it to come again', () => receiver.taken().length === 2);
  await waitUntil('its log', async () =>
    (await said(listDeliveries(context, id, { status: 'delivered' }))).includes('1 delivery'),
  );
  for (const given of [{}, { after: '0', since: '2026-01-01T00:00:00Z' }]) {
    await expect(replayWebhook(context, id, undefined, given)).rejects.toThrow(CommandError);
  }

  expect(await said(rotateWebhookSecret(context, id, { overlapHours: '2' }))).toMatch(
    /^Secret +whsec_(.|\n)*The one before signs beside it until /m,
  );
  expect(await said(switchWebhook(context, id, false))).toContain('is told no more');
  expect(await said(listWebhooks(context, { status: 'disabled' }))).toContain('by a person');
  expect(await said(switchWebhook(context, id, true))).toContain('is told again');
  expect(await said(removeWebhook(context, id))).toContain(`The subscription ${id} is gone`);
  await expect(listDeliveries(context, id, {})).rejects.toThrow(/WEBHOOK_SUBSCRIPTION_NOT_FOUND/);
});
