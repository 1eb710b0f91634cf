/** The settings of the mail client, validated when the program starts. */
import { z } from 'zod';
import { breakerSettings, retrySettings } from '../transport/settings.ts';

/** Checks the settings, and fills in the defaults. */
export const mailSettings = z.object({
  /** The SMTP server, e.g. `smtps://user:password@mail.example.com`. Secret. */
  smtpUrl: z.url({
    protocol: /^smtps?$/,
    error: 'expected an URL such as smtp://user:password@mail.example.com:587',
  }),
  /** The sender of every mail. @defaultValue Orderloom <orders@orderloom.example> */
  from: z.string().min(3).default('Orderloom <orders@orderloom.example>'),
  /** Kept with each notification. @defaultValue smtp */
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]*$/, 'expected a short lower-case name such as "smtp"')
    .default('smtp'),
  /** Longest time of handing one mail over. @defaultValue 5000 */
  timeoutMs: z.coerce.number().int().min(1).max(600_000).default(5_000),
  /** Longest time of connecting. @defaultValue 2000 */
  connectTimeoutMs: z.coerce.number().int().min(1).max(600_000).default(2_000),
  retry: retrySettings.prefault({}),
  breaker: breakerSettings.prefault({}),
});

/** As given; what is absent gets its default. */
export type MailConfig = z.input<typeof mailSettings>;
/** Checked and complete. */
export type MailSettings = z.output<typeof mailSettings>;
