/** The courier's sandbox: parcels that are moved, tracking webhooks, and its memory. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { systemClock } from '../../../kernel/clock.ts';
import { courierCall, shipmentRequest } from '../../port-suites/courier-provider-suite.ts';
import { sandboxApiKey } from '../../sandbox/sandbox.ts';
import { control, eventually, recordingLog, testServer } from '../../sandbox/test-support.ts';
import { courierContract } from '../client.ts';
import { courierProvider } from '../provider.ts';
import { type CourierSandboxOptions, startCourierSandbox } from './sandbox.ts';

const log = recordingLog();
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function start(options: Partial<CourierSandboxOptions> = {}) {
  const sandbox = await startCourierSandbox({ log, clock: systemClock, ...options });
  closing.push(sandbox.stop);
  return sandbox;
}

async function receiver() {
  const server = await testServer((_received, response) => response.writeHead(204).end());
  closing.push(server.stop);
  return { ...server, bodies: () => server.received.map(({ body }) => JSON.parse(body)) };
}

async function book(baseUrl: string) {
  const provider = courierProvider({ baseUrl, apiKey: sandboxApiKey }, { log });
  closing.push(provider.close);
  const request = shipmentRequest();
  const booking = await provider.createShipment(request, courierCall());
  if (booking.status !== 'booked') throw new Error('expected a booking');
  return { request, ...booking.shipment };
}
const advance = (url: string, id: string, body: unknown) =>
  control(url, 'POST', `/sandbox/shipments/${id}/advance`, body);

test('a parcel that moves is told of in order, by webhooks that fit the document', async () => {
  const shop = await receiver();
  const sandbox = await start({ webhookUrl: shop.url });
  const { request, courierShipmentId, trackingNumber } = await book(sandbox.url);
  for (const status of ['in_transit', 'out_for_delivery', 'delivered']) {
    const answer = await advance(sandbox.url, courierShipmentId, { status, detail: 'Berlin' });
    expect(answer).toMatchObject({ status: 200, body: { status } });
  }
  await eventually(() => shop.received.length === 3);
  expect(shop.bodies()).toEqual(
    ['in_transit', 'out_for_delivery', 'delivered'].map((status) => ({
      eventId: expect.any(String),
      shipmentId: courierShipmentId,
      reference: request.shipmentId,
      orderId: request.orderId,
      trackingNumber,
      status,
      detail: 'Berlin',
      at: expect.any(String),
    })),
  );
  for (const body of shop.bodies()) {
    expect(courierContract().checkWebhook('trackingUpdate', body)).toEqual([]);
  }
});

test('a shipment that has ended does not move, an unknown one is not found', async () => {
  const sandbox = await start();
  const { courierShipmentId } = await book(sandbox.url);
  await advance(sandbox.url, courierShipmentId, { status: 'failed' });
  expect(await advance(sandbox.url, courierShipmentId, { status: 'delivered' })).toMatchObject({
    status: 409,
    body: { code: 'SHIPMENT_ENDED' },
  });
  expect(await advance(sandbox.url, 'none', { status: 'delivered' })).toMatchObject({
    status: 404,
  });
  expect(await advance(sandbox.url, courierShipmentId, { status: 'booked' })).toMatchObject({
    status: 400,
  });
});

test('told so, parcels move by themselves to the end', async () => {
  const shop = await receiver();
  const sandbox = await start({ webhookUrl: shop.url, autoAdvanceMs: 1 });
  await book(sandbox.url);
  await eventually(() => sandbox.inspect().shipments[0]?.status === 'delivered');
  await eventually(() => shop.received.length === 3);
});

test('shipments are there again after a restart', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'courier-journal-'));
  closing.push(() => rm(folder, { recursive: true }));
  const first = await start({ journal: folder });
  const { courierShipmentId } = await book(first.url);
  await advance(first.url, courierShipmentId, { status: 'in_transit' });
  await first.stop();
  const shop = await receiver();
  const second = await start({ journal: folder, webhookUrl: shop.url });
  expect(second.inspect().shipments).toMatchObject([{ status: 'in_transit' }]);
  await eventually(() => shop.received.length === 1);
});
