/** A signature holds for exactly one body, secret and span of time. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  checkWebhookSignature,
  signWebhook,
  webhookToleranceSeconds,
} from './webhook-signature.ts';

const moment = fc
  .integer({ min: 1_000_000_000, max: 4_000_000_000 })
  .map((s) => new Date(s * 1000));
const secret = fc.string({ minLength: 1, maxLength: 60 });
const body = fc.uint8Array({ maxLength: 500 });

test('what was signed is valid, within the tolerance on both sides', () => {
  const offset = fc.integer({ min: -webhookToleranceSeconds, max: webhookToleranceSeconds });
  fc.assert(
    fc.property(secret, body, moment, offset, (key, rawBody, at, seconds) => {
      const now = new Date(at.getTime() + seconds * 1000);
      const header = signWebhook(key, rawBody, at);
      expect(checkWebhookSignature({ secrets: [key], header, rawBody, now })).toBe('valid');
    }),
  );
});

test('any changed byte, secret or time stamp is a mismatch', () => {
  fc.assert(
    fc.property(secret, body, moment, fc.nat(), (key, rawBody, at, position) => {
      const header = signWebhook(key, rawBody, at);
      const changed = Uint8Array.from([...rawBody, 0]);
      const index = position % changed.length;
      changed[index] = (changed[index]! + 1) % 256;
      const now = at;
      const check = (over: Partial<Parameters<typeof checkWebhookSignature>[0]>) =>
        checkWebhookSignature({ secrets: [key], header, rawBody, now, ...over });
      expect(check({ rawBody: changed })).toBe('mismatch');
      expect(check({ secrets: [`${key}x`] })).toBe('mismatch');
      expect(check({ secrets: [] })).toBe('mismatch');
      const seconds = at.getTime() / 1000;
      expect(check({ header: header.replace(`t=${seconds}`, `t=${seconds + 1}`) })).toBe(
        'mismatch',
      );
    }),
  );
});

test('outside the tolerance a good signature has expired', () => {
  fc.assert(
    fc.property(secret, body, moment, fc.boolean(), (key, rawBody, at, future) => {
      const shiftMs = (webhookToleranceSeconds + 1) * (future ? -1000 : 1000);
      const now = new Date(at.getTime() + shiftMs);
      const header = signWebhook(key, rawBody, at);
      expect(checkWebhookSignature({ secrets: [key], header, rawBody, now })).toBe('expired');
    }),
  );
});

test('rotation: either side may know two secrets', () => {
  const now = new Date(1_700_000_000_000);
  const two = signWebhook(['old', 'new'], '{}', now);
  expect(checkWebhookSignature({ secrets: ['new'], header: two, rawBody: '{}', now })).toBe(
    'valid',
  );
  const one = signWebhook('old', '{}', now);
  const secrets = ['new', 'old'];
  expect(checkWebhookSignature({ secrets, header: one, rawBody: '{}', now })).toBe('valid');
});

test('no header is missing; anything else that is no signature is malformed', () => {
  const now = new Date();
  const check = (header: string | undefined) =>
    checkWebhookSignature({ secrets: ['s'], header, rawBody: '', now });
  expect(check(undefined)).toBe('missing');
  expect(check('  ')).toBe('missing');
  fc.assert(
    fc.property(fc.string(), (text) => {
      const header = `x${text.replace(/v1=/g, '')}`;
      expect(check(header)).toBe('malformed');
    }),
  );
});
