/** Reads the `Idempotency-Key` of a request, and refuses one that cannot be a key. */
import type { FastifyRequest } from 'fastify';
import { refuse } from '../../kernel/errors.ts';
import { invalidInput } from '../../procedures/index.ts';
import { RefusedError } from '../problem.ts';
import { headerOf } from '../request.ts';

/** Visible ASCII, as the header's draft standard has it. */
const keyPattern = /^[\x21-\x7e]{1,255}$/;

/** The key of the request; undefined when it has none or only reads. */
export function idempotencyKeyOf({ method, headers }: FastifyRequest): string | undefined {
  const key = headerOf(headers['idempotency-key']);
  if (key === undefined || method === 'GET' || method === 'HEAD') return undefined;
  if (keyPattern.test(key)) return key;
  const expected = '1 to 255 visible ASCII characters, such as a UUID';
  throw new RefusedError(
    refuse(invalidInput, `expected ${expected} in the header Idempotency-Key, found another text`, {
      issues: [
        {
          pointer: '/headers/Idempotency-Key',
          expected,
          found: `${key.length} characters`,
          message: `expected ${expected}`,
        },
      ],
    }),
  );
}
