/** The courier's client against its sandbox, over real HTTP: the port's contract, then faults. */
import { expect, test } from 'vitest';
import { systemClock } from '../../kernel/clock.ts';
import {
  courierCall,
  describeCourierProvider,
  shipmentRequest,
} from '../port-suites/courier-provider-suite.ts';
import { sandboxApiKey } from '../sandbox/sandbox.ts';
import { control, recordingLog } from '../sandbox/test-support.ts';
import { courierProvider } from './provider.ts';
import { startCourierSandbox } from './sandbox/sandbox.ts';

const log = recordingLog();

async function start() {
  const sandbox = await startCourierSandbox({ log, clock: systemClock });
  const made: ReturnType<typeof courierProvider>[] = [];
  const connect = (timeoutMs: number, attempts: number) => {
    const retry = { attempts, baseDelayMs: 1, maxDelayMs: 5 };
    const { url: baseUrl } = sandbox;
    const provider = courierProvider(
      { name: 'sandbox', baseUrl, apiKey: sandboxApiKey, timeoutMs, retry },
      { log },
    );
    made.push(provider);
    return provider;
  };
  const stop = async () => {
    for (const provider of made) await provider.close();
    await sandbox.stop();
  };
  return { sandbox, connect, provider: connect(10_000, 2), stop };
}

describeCourierProvider('courier sandbox', async () => {
  const { sandbox, provider, stop } = await start();
  return {
    provider,
    stop,
    countryNotServed: 'AQ',
    async pickUp(id) {
      await control(sandbox.url, 'POST', `/sandbox/shipments/${id}/advance`, {
        status: 'in_transit',
      });
    },
  };
});

test('an answer lost after the booking is asked for again with the same key: one shipment', async () => {
  const { sandbox, connect, stop } = await start();
  await control(sandbox.url, 'PUT', '/sandbox/faults', { timeoutAfterCommitNext: 1 });
  const booking = await connect(200, 10).createShipment(shipmentRequest(), courierCall());
  expect(booking).toMatchObject({ status: 'booked' });
  expect(sandbox.inspect().shipments).toHaveLength(1);
  await stop();
});

test('a booking whose every answer is lost is found by its key', async () => {
  const { sandbox, connect, provider, stop } = await start();
  await control(sandbox.url, 'PUT', '/sandbox/faults', { timeoutAfterCommitNext: 2 });
  const call = courierCall();
  await expect(connect(200, 2).createShipment(shipmentRequest(), call)).rejects.toMatchObject({
    code: 'COURIER_TIMEOUT',
    outcomeUnknown: true,
  });
  const found = await provider.findByIdempotencyKey(call);
  expect(found?.courierShipmentId).toBe(sandbox.inspect().shipments[0]?.id);
  await stop();
});
