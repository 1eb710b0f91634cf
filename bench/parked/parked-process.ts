/**
 * The process whose instances are parked: a subscription that waits for a usage message, takes it in, and
 * waits for the next one. So however many messages have come, every instance waits. Which instance has
 * which number is a function, so that no program needs a list of a million ids.
 */
import { expression } from '../../src/engine/model/expression.ts';
import type { ProcessModel } from '../../src/engine/model/process-model.ts';
import type { RecordedEvent } from '../../src/kernel/event.ts';
import { newId } from '../../src/kernel/ids.ts';

/** What every instance waits for. */
const message = 'subscription.used';
const started = 'subscribed';
const wait = 'usage';

/** Start, and a receive task whose way out leads back to itself. */
export const subscription: ProcessModel = {
  key: 'subscription',
  version: 1,
  name: 'Subscription',
  nodes: {
    start: {
      ...{ id: 'start', name: 'Subscribed', parent: null, incoming: [], outgoing: [started] },
      ...{ type: 'startEvent', event: null },
    },
    [wait]: {
      ...{ id: wait, name: 'Usage', parent: null, type: 'receiveTask', result: wait },
      ...{ incoming: [started, 'again'], outgoing: ['again'], boundary: [] },
      messages: [
        {
          type: 'message',
          message,
          correlation: [
            {
              field: 'subscriptionId',
              value: expression(({ input }) => (input as { id: string }).id),
            },
          ],
        },
      ],
    },
  },
  flows: {
    [started]: { id: started, source: 'start', target: wait },
    again: { id: 'again', source: wait, target: wait },
  },
};

/** The number's bits in another order, so that neighbours have nothing in common. */
function scattered(n: number, salt: number): number {
  let bits = Math.imul(n + 1, 0x9e3779b1) ^ salt;
  bits = Math.imul(bits ^ (bits >>> 16), 0x21f0aaad);
  bits = Math.imul(bits ^ (bits >>> 15), 0x735a2d97);
  return (bits ^ (bits >>> 15)) >>> 0;
}

const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');
/** Made at 8,000 a second from some moment on, as a busy cluster would have. */
const firstAt = Date.UTC(2026, 0, 1);

/** The id of an instance: a UUID of version 7, as the engine makes them. */
export function instanceId(n: number): string {
  const time = hex(firstAt + Math.floor(n / 8), 12);
  const sequence = hex(0x7000 + (n % 8) * 0x100, 4);
  const variant = hex(0x8000 + (scattered(n, 1) >>> 20), 4);
  const random = hex(scattered(n, 2), 8) + hex(scattered(n, 3) >>> 16, 4);
  return `${time.slice(0, 8)}-${time.slice(8)}-${sequence}-${variant}-${random}`;
}

const subscriptionId = (n: number) => `S-${hex(scattered(n, 4), 8)}-${n}`;

/** What an instance starts with. */
export function startInput(n: number): unknown {
  return {
    id: subscriptionId(n),
    customer: { id: `C-${n % 250_000}`, name: 'Ada Lovelace', segment: 'residential' },
    plan: { code: 'FIBRE-500', price: { amount: '39.90', currency: 'EUR' }, months: 24 },
    activatedAt: '2026-01-01T00:00:00.000Z',
  };
}

/** A message for one instance. */
export function usageOf(n: number): RecordedEvent {
  const occurredAt = new Date();
  return {
    ...{ id: newId(), name: message, version: 1, key: subscriptionId(n), occurredAt },
    payload: {
      subscriptionId: subscriptionId(n),
      megabytes: 250,
      service: 'data',
      measuredAt: occurredAt.toISOString(),
    },
    traceId: 'a'.repeat(32),
  };
}
