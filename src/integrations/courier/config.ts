/** The settings of the courier's client, validated when the program starts. */
import { z } from 'zod';
import { httpSettings } from '../transport/settings.ts';

/** Checks the settings, and fills in the defaults. */
export const courierSettings = httpSettings.extend({
  /** Kept with each shipment, so that it is known who carries it. @defaultValue courier */
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]*$/, 'expected a short lower-case name such as "sandbox"')
    .default('courier'),
});

/** As given; what is absent gets its default. */
export type CourierConfig = z.input<typeof courierSettings>;
/** Checked and complete. */
export type CourierSettings = z.output<typeof courierSettings>;
