/** The settings of the payment gateway's client, validated when the program starts. */
import { z } from 'zod';
import { httpSettings } from '../transport/settings.ts';

/** Checks the settings, and fills in the defaults. */
export const paymentGatewaySettings = httpSettings.extend({
  /** Kept with each payment, so that it is known who made it. @defaultValue payment-gateway */
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]*$/, 'expected a short lower-case name such as "sandbox"')
    .default('payment-gateway'),
});

/** As given; what is absent gets its default. */
export type PaymentGatewayConfig = z.input<typeof paymentGatewaySettings>;
/** Checked and complete. */
export type PaymentGatewaySettings = z.output<typeof paymentGatewaySettings>;
