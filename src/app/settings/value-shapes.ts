/** What values of settings look like, where several settings share it; each says what was expected. */
import { z } from 'zod';

/** A whole number, both ends included. */
export const whole = (min: number, max: number) =>
  z.coerce
    .number({ error: `expected a whole number from ${min} to ${max}` })
    .int(`expected a whole number from ${min} to ${max}`)
    .min(min, `expected a whole number from ${min} to ${max}`)
    .max(max, `expected a whole number from ${min} to ${max}`);

/** A URL of one of these protocols. */
export const url = (...protocols: readonly string[]) =>
  z.url({
    protocol: new RegExp(`^(${protocols.join('|')})$`),
    error: `expected a URL that begins with ${protocols.map((p) => `${p}://`).join(' or ')}`,
  });

/** Parts separated by commas, none of them empty. */
export const list = z
  .string()
  .transform((text) => text.split(',').map((part) => part.trim()))
  .pipe(z.array(z.string().min(1, 'expected a list separated by commas, without empty parts')));

/** Secrets separated by commas, each at least so many characters long. */
export const secretList = (shortest: number) =>
  list.pipe(
    z.array(z.string().min(shortest, `expected secrets of at least ${shortest} characters each`)),
  );

/** `on` or `off`. */
export const onOrOff = z.enum(['on', 'off'], { error: 'expected on or off' });

/** `payment-service=value,delivery-service=value` as an object. */
export const byService = (value: z.ZodType<string, string>) =>
  list
    .pipe(
      z.array(
        z.templateLiteral([z.string().regex(/^[a-z][a-z0-9-]*$/), '=', z.string()], {
          error: 'expected a list of name=value, separated by commas',
        }),
      ),
    )
    .transform((entries) =>
      Object.fromEntries(
        entries.map((entry) => {
          const at = entry.indexOf('=');
          return [entry.slice(0, at), entry.slice(at + 1)] as const;
        }),
      ),
    )
    .pipe(z.record(z.string(), value));
