/** Postal addresses: where an order goes and where its bill goes. */
import { z } from 'zod';
import { textSchema } from '../../kernel/text.ts';

/** A postal address. */
export const addressSchema = z
  .object({
    name: textSchema(200).optional().describe('Who receives'),
    line1: textSchema(200).describe('Street and number'),
    line2: textSchema(200).optional(),
    city: textSchema(100),
    postalCode: textSchema(20),
    state: textSchema(100).optional().describe('State, province or region'),
    country: z
      .string()
      .regex(/^[A-Z]{2}$/, 'expected an ISO 3166-1 alpha-2 country code such as US')
      .meta({ examples: ['US'] }),
    phone: textSchema(40).optional(),
  })
  .meta({
    examples: [{ line1: '350 Fifth Avenue', city: 'New York', postalCode: '10118', country: 'US' }],
  });
/** A checked postal address. */
export type Address = z.output<typeof addressSchema>;
