/** What the module keeps of the news that another payment service has published of a payment. */
import { z } from 'zod';
import { idSchema } from '../../kernel/ids.ts';
import { amountSchema, currencySchema } from '../../kernel/money.ts';
import { textSchema } from '../../kernel/text.ts';
import { paymentMethods } from './provider.ts';

/** The input of `payments.receive-announcement`. A method that is not known here is left out. */
export const announcementSchema = z.object({
  orderId: idSchema,
  status: z.enum(['completed', 'failed']),
  amount: amountSchema,
  currency: currencySchema,
  transactionId: textSchema(200).optional().describe("The gateway's id of the charge"),
  paymentMethod: z.enum(paymentMethods).optional().catch(undefined),
  failureReason: textSchema(500).optional(),
  failureCode: textSchema(100).optional(),
});
