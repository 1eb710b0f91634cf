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
  const retry = { attempts: 2, baseDelayMs: 1, maxDelayMs: 5 };
  const provider = courierProvider(
    { name: 'sandbox', baseUrl: sandbox.url, apiKey: sandboxApiKey, timeoutMs: 200, retry },
    { log },
  );
  const stop = async () => {
    await provider.close();
    await sandbox.stop();
  };
  return { sandbox, provider, stop };
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
  const { sandbox, provider, stop } = await start();
  await control(sandbox.url, 'PUT', '/sandbox/faults', { timeoutAfterCommitNext: 1 });
  const booking = await provider.createShipment(shipmentRequest(), courierCall());
  expect(booking).toMatchObject({ status: 'booked' });
  expect(sandbox.inspect().shipments).toHaveLength(1);
  await stop();
});

test('a booking whose every answer is lost is found by its key', async () => {
  const { sandbox, provider, stop } = await start();
  await control(sandbox.url, 'PUT', '/sandbox/faults', { timeoutAfterCommitNext: 2 });
  const call = courierCall();
  await expect(provider.createShipment(shipmentRequest(), call)).rejects.toMatchObject({
    code: 'COURIER_TIMEOUT',
    outcomeUnknown: true,
  });
  const found = await provider.findByIdempotencyKey(call);
  expect(found?.courierShipmentId).toBe(sandbox.inspect().shipments[0]?.id);
  await stop();
});
