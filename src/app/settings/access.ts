/** Who is let in, and the secrets that tokens, payment details and stored answers are kept by. */
import { z } from 'zod';
import { roles } from '../../kernel/caller.ts';
import { setting } from './setting.ts';
import { list, secretList } from './value-shapes.ts';

/** `name:role+role:sha256-of-the-key`, and after another colon the only procedures that it opens. */
const apiKey = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]*:[a-z]+(\+[a-z]+)*:[0-9a-f]{64}(:[\w.-]+(\+[\w.-]+)*)?$/,
    'expected name:role+role:digest, with the SHA-256 of the key in hex, or the same and :procedure+procedure',
  )
  .transform((text) => {
    const [name = '', held = '', sha256 = '', only] = text.split(':');
    return {
      name,
      roles: held.split('+'),
      sha256,
      only: only?.split('+'),
    };
  })
  .pipe(
    z.object({
      name: z.string(),
      roles: z.array(z.enum(roles, { error: `expected roles among ${roles.join(', ')}` })),
      sha256: z.string(),
      only: z.array(z.string()).or(z.undefined()),
    }),
  );

/** Settings of who is let in, by environment variable. */
export const access = {
  ORDERLOOM_TOKEN_SECRETS: setting({
    summary: 'Secrets that sign access tokens, newest first, separated by commas',
    schema: secretList(32).optional(),
    secret: true,
    otherwise: 'required outside demo mode',
  }),
  ORDERLOOM_ENCRYPTION_KEY: setting({
    summary: 'Key that encrypts payment details: 32 bytes in base64',
    schema: z
      .string()
      .transform((text) => new Uint8Array(Buffer.from(text, 'base64')))
      .refine((bytes) => bytes.length === 32, 'expected 32 bytes in base64')
      .optional(),
    secret: true,
    otherwise: 'required outside demo mode',
  }),
  ORDERLOOM_IDEMPOTENCY_SECRET: setting({
    summary: 'Secret that seals stored answers; the same on every node',
    schema: z.string().min(32, 'expected at least 32 characters').optional(),
    secret: true,
    otherwise: 'required outside demo mode',
  }),
  ORDERLOOM_API_KEYS: setting({
    summary:
      'Keys of other programs (X-API-Key), as name:role+role:SHA-256 or name:role:SHA-256:procedure+procedure, separated by commas',
    schema: list.pipe(z.array(apiKey)).optional(),
    otherwise: 'none',
  }),
} as const;
