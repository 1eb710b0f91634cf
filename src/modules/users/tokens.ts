/**
 * Access tokens: signed JWTs that carry the user's id and roles for one hour. The first secret signs,
 * every listed secret verifies; to rotate, put the new one first and drop the old one an hour later.
 */
import { createPrivateKey, createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';
import { decodeProtectedHeader, errors, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { type Caller, type Role, roles } from '../../kernel/caller.ts';
import type { Clock } from '../../kernel/clock.ts';
import { type Refusal, refuse } from '../../kernel/errors.ts';
import { idSchema, newId } from '../../kernel/ids.ts';
import { tokenExpired, tokenInvalid } from './errors.ts';
import { VerifiedTokens } from './verified-tokens.ts';

/** How long a token lives. Changed roles take effect when the next token is issued. */
const tokenLifetimeS = 3600;

/** For whom tokens are meant; a token of another audience is refused. */
const audience = 'orderloom';

/** RFC 7518: an HS256 secret is at least as long as its hash. */
const shortestSecretBytes = 32;

/** One signing secret. `id` names it in the token's header and must stay the same while it lives. */
export type TokenSecret =
  | { readonly id: string; readonly algorithm: 'HS256'; readonly secret: string }
  /** An Ed25519 private key as PKCS #8 PEM; other services verify with its public half. */
  | { readonly id: string; readonly algorithm: 'EdDSA'; readonly privateKey: string };

/** Issues and verifies access tokens; the only place that knows how they are made. */
export interface TokenService {
  /** A token for this user, and when it ends. */
  issue(user: { readonly id: string; readonly roles: readonly Role[] }): Promise<{
    readonly token: string;
    readonly expiresAt: Date;
  }>;
  /** The caller whom a token names; `TOKEN_EXPIRED` or `TOKEN_INVALID` otherwise. Never throws. */
  verify(token: string): Promise<Caller | Refusal<'TOKEN_INVALID' | 'TOKEN_EXPIRED'>>;
}

interface Key {
  readonly algorithm: TokenSecret['algorithm'];
  readonly sign: KeyObject;
  readonly verify: KeyObject;
}

const claimsSchema = z.object({
  sub: idSchema,
  roles: z.array(z.enum(roles)),
  exp: z.number(),
});

/** Checks the secrets at once, so that a weak or doubled one stops the program at its start. */
export function createTokenService(options: {
  readonly secrets: readonly TokenSecret[];
  readonly issuer: string;
  readonly clock: Clock;
}): TokenService {
  const { issuer, clock } = options;
  const keys = readKeys(options.secrets);
  const [signingId, signingKey] = keys.entries().next().value!;
  const verified = new VerifiedTokens();

  return {
    async issue(user) {
      const issuedAtS = Math.floor(clock.now().getTime() / 1000);
      const expiresAtS = issuedAtS + tokenLifetimeS;
      const token = await new SignJWT({ roles: [...user.roles] })
        .setProtectedHeader({ alg: signingKey.algorithm, kid: signingId, typ: 'JWT' })
        .setSubject(user.id)
        .setIssuer(issuer)
        .setAudience(audience)
        .setJti(newId())
        .setIssuedAt(issuedAtS)
        .setExpirationTime(expiresAtS)
        .sign(signingKey.sign);
      return { token, expiresAt: new Date(expiresAtS * 1000) };
    },

    async verify(token) {
      const known = verified.find(token, clock.now());
      if (known) return known;
      try {
        const { kid } = decodeProtectedHeader(token);
        const key = kid === undefined ? undefined : keys.get(kid);
        if (!key) return invalid('its key is not one of ours');
        const { payload } = await jwtVerify(token, key.verify, {
          issuer,
          audience,
          algorithms: [key.algorithm],
          currentDate: clock.now(),
          requiredClaims: ['exp', 'sub', 'jti'],
        });
        const claims = claimsSchema.safeParse(payload);
        if (!claims.success) return invalid('its claims do not name a user and roles');
        const { sub, roles, exp } = claims.data;
        const caller: Caller = { kind: 'user', userId: sub, roles, demo: false };
        verified.add(token, caller, exp * 1000);
        return caller;
      } catch (error) {
        if (error instanceof errors.JWTExpired) {
          return refuse(
            tokenExpired,
            'Expected a token that is still valid, found one whose hour is over; log in again.',
          );
        }
        return invalid('its signature or its claims do not hold');
      }
    },
  };
}

function invalid(why: string): Refusal<'TOKEN_INVALID'> {
  return refuse(
    tokenInvalid,
    `Expected a token issued by users.login, found one that cannot be trusted: ${why}. ` +
      'Log in again.',
  );
}

function readKeys(secrets: readonly TokenSecret[]): ReadonlyMap<string, Key> {
  if (secrets.length === 0) {
    throw new Error('Expected at least one token secret, found none; configure one.');
  }
  const keys = new Map<string, Key>();
  for (const secret of secrets) {
    if (keys.has(secret.id)) {
      throw new Error(
        `Expected token secrets with different ids, found "${secret.id}" twice; rename one.`,
      );
    }
    keys.set(secret.id, readKey(secret));
  }
  return keys;
}

function readKey(secret: TokenSecret): Key {
  if (secret.algorithm === 'EdDSA') {
    const sign = createPrivateKey(secret.privateKey);
    if (sign.asymmetricKeyType !== 'ed25519') {
      throw new Error(
        `Expected an Ed25519 private key as token secret "${secret.id}", ` +
          `found ${sign.asymmetricKeyType}; make one with "openssl genpkey -algorithm ed25519".`,
      );
    }
    return { algorithm: 'EdDSA', sign, verify: createPublicKey(sign) };
  }
  const bytes = Buffer.from(secret.secret, 'utf8');
  if (bytes.length < shortestSecretBytes) {
    throw new Error(
      `Expected at least ${shortestSecretBytes} bytes in token secret "${secret.id}", ` +
        `found ${bytes.length}; make one with "openssl rand -base64 48".`,
    );
  }
  const key = createSecretKey(bytes);
  return { algorithm: 'HS256', sign: key, verify: key };
}
