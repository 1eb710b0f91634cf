/** The systems outside that modules work with: addresses, keys, and the secrets of what they report. */
import { z } from 'zod';
import type { Rate } from '../../kernel/call-bucket.ts';
import { setting } from './setting.ts';
import { byService, list, secretList, url, whole } from './value-shapes.ts';

/** `courier=5` or `courier=0.5/10`; without a burst a second's worth, at least one call. */
const rateEntry = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]*=\d{1,6}(\.\d{1,6})?(\/[1-9]\d{0,5})?$/,
    'expected system=rate or system=rate/burst, e.g. courier=5/20',
  )
  .transform((text): [string, Rate] => {
    const [system = '', given = ''] = text.split('=');
    const [rate = '', burst] = given.split('/');
    const perSecond = Number(rate);
    return [system, { perSecond, burst: Number(burst ?? Math.max(1, Math.ceil(perSecond))) }];
  })
  .refine(([, { perSecond }]) => perSecond > 0, 'expected a rate above 0');

/** The systems of billing orders, by the names that settings and sandboxes have for them. */
export const billingSystemNames = [
  'mbos-billing',
  'xoms-biller',
  'xbo-adapter',
  'matrix-connector',
  'ds-mvno-order',
  'ds-mvno-line',
  'ds-mvno-account',
  'ds-mvno-device',
  'mvno-payment',
] as const;
/** One of them. */
export type BillingSystemName = (typeof billingSystemNames)[number];

/** Settings of the systems outside, by environment variable. */
export const outsideSystems = {
  PAYMENT_GATEWAY_URL: setting({
    summary: 'Base URL of the payment gateway',
    schema: url('http', 'https').optional(),
    otherwise: 'its sandbox',
  }),
  PAYMENT_GATEWAY_KEY: setting({
    summary: 'API key for the payment gateway',
    schema: z.string().min(1, 'expected the API key').optional(),
    secret: true,
    otherwise: 'required with PAYMENT_GATEWAY_URL',
  }),
  PAYMENT_WEBHOOK_SECRETS: setting({
    summary: 'Secrets of the payment gateway’s webhooks, several while one is rotated',
    schema: secretList(16).optional(),
    secret: true,
    otherwise: 'required outside demo mode',
  }),
  PAYMENT_CHECK_AFTER_MS: setting({
    summary: 'Ask the payment gateway about an open session after so long without news, in ms',
    schema: whole(1_000, 86_400_000).default(900_000),
  }),
  COURIER_URL: setting({
    summary: 'Base URL of the courier',
    schema: url('http', 'https').optional(),
    otherwise: 'its sandbox',
  }),
  COURIER_KEY: setting({
    summary: 'API key for the courier',
    schema: z.string().min(1, 'expected the API key').optional(),
    secret: true,
    otherwise: 'required with COURIER_URL',
  }),
  DELIVERY_WEBHOOK_SECRETS: setting({
    summary: 'Secrets of the courier’s webhooks, several while one is rotated',
    schema: secretList(16).optional(),
    secret: true,
    otherwise: 'required outside demo mode',
  }),
  DELIVERY_CHECK_AFTER_MS: setting({
    summary: 'Ask the courier about a parcel after so long without news, in ms',
    schema: whole(1_000, 604_800_000).default(21_600_000),
  }),
  SMTP_URL: setting({
    summary: 'Mail server, with user and password where it needs them',
    schema: url('smtp', 'smtps').optional(),
    secret: true,
    otherwise: 'its sandbox; without sandboxes mails are stored and not sent',
  }),
  MAIL_FROM: setting({
    summary: 'Sender of mails',
    schema: z
      .string()
      .min(3, 'expected a mail address')
      .default('Orderloom <orders@orderloom.example>'),
  }),
  BILLING_SYSTEM_URLS: setting({
    summary: `Base URLs of the systems of billing orders, as name=URL, separated by commas: ${billingSystemNames.join(', ')}`,
    schema: byService(url('http', 'https')).optional(),
    otherwise: 'their sandboxes; without sandboxes no billing orders are taken',
  }),
  BILLING_SYSTEM_KEYS: setting({
    summary: 'API keys for the systems of billing orders, as name=key, separated by commas',
    schema: byService(z.string().min(1, 'expected the API key')).optional(),
    secret: true,
    otherwise: 'required for each system that has a URL',
  }),
  BILLING_WEBHOOK_SECRETS: setting({
    summary: 'Secrets of the webhooks of biller and network, several while one is rotated',
    schema: secretList(16).optional(),
    secret: true,
    otherwise: 'required with BILLING_SYSTEM_URLS outside demo mode',
  }),
  BILLER_TIMEOUT_MS: setting({
    summary: 'How long one call to the biller may take, in milliseconds',
    schema: whole(100, 20_000).default(10_000),
  }),
  DOMAIN_TIMEOUT_MS: setting({
    summary: 'How long one call to the domains of a telecom operator may take, in milliseconds',
    schema: whole(100, 20_000).default(5_000),
  }),
  OUTSIDE_RATES: setting({
    summary:
      'Calls a second to outside systems by all nodes together, as system=rate or system=rate/burst, by commas',
    schema: list.pipe(z.array(rateEntry)).transform(Object.fromEntries).optional(),
    otherwise: 'no limit',
  }),
} as const;
