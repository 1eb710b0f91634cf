/** Tokens: what is trusted, for how long, and how secrets rotate. */
import { createSecretKey, generateKeyPairSync } from 'node:crypto';
import { SignJWT } from 'jose';
import { expect, test } from 'vitest';
import { fixedClock } from '../../../test/support/context.ts';
import { isRefusal } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import { createTokenService, type TokenSecret } from './tokens.ts';

const oldSecret: TokenSecret = { id: 'old', algorithm: 'HS256', secret: 'o'.repeat(40) };
const newSecret: TokenSecret = { id: 'new', algorithm: 'HS256', secret: 'n'.repeat(40) };
const edSecret: TokenSecret = {
  id: 'ed',
  algorithm: 'EdDSA',
  privateKey: generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }),
};
const user = { id: newId(), roles: ['customer', 'support'] as const };
const caller = { kind: 'user', userId: user.id, roles: user.roles, demo: false };

const service = (secrets: readonly TokenSecret[], clock = fixedClock(), issuer = 'orderloom') =>
  createTokenService({ secrets, issuer, clock });

async function codeOf(verified: Promise<unknown>): Promise<string> {
  const result = await verified;
  return isRefusal(result) ? result.code : 'trusted';
}

test.each([oldSecret, edSecret])('a token of $algorithm names its user', async (secret) => {
  const tokens = service([secret]);
  const { token } = await tokens.issue(user);
  expect(await tokens.verify(token)).toEqual(caller);
});

test('a token ends after an hour by the injected clock', async () => {
  const clock = fixedClock('2026-03-01T12:00:00.000Z');
  const tokens = service([oldSecret], clock);
  const { token, expiresAt } = await tokens.issue(user);
  expect(expiresAt).toEqual(new Date('2026-03-01T13:00:00.000Z'));
  clock.set('2026-03-01T12:59:59.000Z');
  expect(await codeOf(tokens.verify(token))).toBe('trusted');
  clock.set('2026-03-01T13:00:00.000Z');
  expect(await codeOf(tokens.verify(token))).toBe('TOKEN_EXPIRED');
});

test('during a rotation both secrets verify and the first one signs', async () => {
  const { token: before } = await service([oldSecret]).issue(user);
  const rotating = service([newSecret, oldSecret]);
  expect(await rotating.verify(before)).toEqual(caller);
  const { token: after } = await rotating.issue(user);
  const rotated = service([newSecret]);
  expect(await rotated.verify(after)).toEqual(caller);
  expect(await codeOf(rotated.verify(before))).toBe('TOKEN_INVALID');
});

test('nothing forged is trusted', async () => {
  const tokens = service([oldSecret]);
  const { token } = await tokens.issue(user);
  const [header = '', payload = '', signature = ''] = token.split('.');
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
  const raised = encode({ ...claims, roles: ['admin'] });
  const sign = (change: Record<string, unknown>, kid = 'old') =>
    new SignJWT({ ...claims, ...change })
      .setProtectedHeader({ alg: 'HS256', kid })
      .sign(createSecretKey(Buffer.from('o'.repeat(40))));
  const forged = [
    '',
    'nonsense',
    'a.b.c',
    `${header}.${raised}.${signature}`,
    `${encode({ alg: 'none', kid: 'old' })}.${raised}.`,
    (await service([{ ...oldSecret, secret: 'z'.repeat(40) }]).issue(user)).token,
    (await service([oldSecret], fixedClock(), 'somebody else').issue(user)).token,
    await sign({ aud: 'another' }),
    await sign({ sub: 'no uuid' }),
    await sign({ roles: ['emperor'] }),
    await sign({}, 'unknown'),
  ];
  for (const candidate of forged) {
    expect(await codeOf(tokens.verify(candidate))).toBe('TOKEN_INVALID');
  }
  expect(await codeOf(tokens.verify(await sign({})))).toBe('trusted');
});

test('weak, doubled and missing secrets stop the start, in words that say what to do', () => {
  expect(() => service([])).toThrow(/at least one token secret/);
  expect(() => service([{ ...oldSecret, secret: 'short' }])).toThrow(/32 bytes.*openssl/);
  expect(() => service([oldSecret, oldSecret])).toThrow(/"old" twice/);
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const privateKey = rsa.export({ type: 'pkcs8', format: 'pem' }).toString();
  expect(() => service([{ id: 'rsa', algorithm: 'EdDSA', privateKey }])).toThrow(/Ed25519.*rsa/);
});
