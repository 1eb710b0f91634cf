/** Details at rest: they open with the right key and payment, and with nothing else. */
import { Buffer } from 'node:buffer';
import { expect, test } from 'vitest';
import { openMethod, sealMethod } from './sealed-method.ts';

const key = Buffer.alloc(32, 1);
const details = { brand: 'visa', last4: '4242', holder: null };

test('opens with the right key and payment', () => {
  expect(openMethod(key, 'p1', sealMethod(key, 'p1', details))).toEqual(details);
});

test('never looks the same twice', () => {
  expect(sealMethod(key, 'p1', details)).not.toEqual(sealMethod(key, 'p1', details));
});

test('another key, another payment or a changed byte does not open', () => {
  const sealed = sealMethod(key, 'p1', details);
  expect(() => openMethod(Buffer.alloc(32, 2), 'p1', sealed)).toThrow();
  expect(() => openMethod(key, 'p2', sealed)).toThrow();
  const changed = Buffer.from(sealed);
  changed[changed.length - 1]! ^= 1;
  expect(() => openMethod(key, 'p1', changed)).toThrow();
});
