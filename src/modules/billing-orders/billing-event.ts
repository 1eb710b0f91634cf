/** What other systems tell of orders, as their topics and webhooks have it. */
import { z } from 'zod';
import { textSchema } from '../../kernel/text.ts';
import { networks } from './billing-order.ts';

/** Ids of the telecom domain: letters, digits and what stands between them. */
export const domainIdSchema = z
  .string()
  .regex(
    /^[A-Za-z0-9][\w.:-]{0,49}$/,
    'expected up to 50 letters, digits, dots, colons and dashes',
  );

const told = {
  eventId: textSchema(200).optional().describe("The sender's id of this event"),
  timestamp: textSchema(50).optional(),
  mboOrderId: domainIdSchema,
  traceId: textSchema(100).optional(),
  spanId: textSchema(100).optional(),
  network: z.enum(networks).default('cloud').describe('Which network it came over'),
};

/** One event, told apart by its `eventType`. */
export const billingEventSchema = z.discriminatedUnion('eventType', [
  z.object({
    ...told,
    eventType: z.literal('FULFILLMENT_COMPLETE'),
    accountId: domainIdSchema.optional(),
    fulfillmentOrderId: domainIdSchema.optional(),
    shipmentId: domainIdSchema.optional(),
    fulfillmentStatus: textSchema(50),
    trackingNumber: textSchema(100).optional(),
    estimatedDeliveryDate: textSchema(50).optional(),
  }),
  z.object({
    ...told,
    eventType: z.literal('PROVISIONING_COMPLETE'),
    accountId: domainIdSchema.optional(),
    mdn: textSchema(50).optional(),
    imei: textSchema(50).optional(),
    lineItems: z
      .array(
        z.object({
          lineId: domainIdSchema,
          mdn: textSchema(50).optional(),
          imei: textSchema(50).optional(),
          iccid: textSchema(50).optional(),
          status: z.enum(['PROVISIONED', 'FAILED']),
        }),
      )
      .max(1_000)
      .default([]),
    provisioningStatus: textSchema(50).optional(),
  }),
  z.object({
    ...told,
    eventType: z.literal('WRITEBACK_COMPLETE'),
    accountId: domainIdSchema.optional(),
    orderReference: textSchema(100).optional(),
    writebackStatus: z.enum(['SUCCESS', 'FAILED']),
    reason: textSchema(500).optional(),
  }),
  z.object({
    ...told,
    eventType: z.literal('CANCEL_ORDER_REQUEST'),
    accountId: domainIdSchema.optional(),
    reason: textSchema(500).optional(),
  }),
]);

/** One event, checked. */
export type BillingEvent = z.output<typeof billingEventSchema>;
