/** Which addresses are closed, and that a look-up gives none of them. */
import { expect, test } from 'vitest';
import { guardedLookup, isClosedAddress, objectionToTarget } from './target-guard.ts';

test.each([
  '127.0.0.1',
  '10.1.2.3',
  '172.31.255.255',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '0.0.0.0',
  '255.255.255.255',
  '::1',
  '::',
  'fe80::1',
  'fd00::1',
  '::ffff:10.0.0.1',
  '64:ff9b::7f00:1',
  'not an address',
])('%s is closed', (address) => {
  expect(isClosedAddress(address)).toBe(true);
});

test.each(['8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '::ffff:8.8.8.8'])(
  '%s is open',
  (address) => {
    expect(isClosedAddress(address)).toBe(false);
  },
);

test('a name that resolves to this machine is refused at the moment of connecting', async () => {
  const found = new Promise((resolve) => {
    guardedLookup('localhost', {}, (error, address) => resolve(error ?? address));
  });
  expect(String(await found)).toMatch(/localhost resolves to .* of this machine or its network/);
});

test('an address that is given as a number is seen through', () => {
  expect(objectionToTarget('https://0x7f.1/', false)).toMatch(/found one of this machine/);
  expect(objectionToTarget('https://shop.example/', false)).toBeNull();
  expect(objectionToTarget('http://127.0.0.1/', true)).toBeNull();
  expect(objectionToTarget('https://shop.example/#part', true)).toMatch(/without a fragment/);
});
