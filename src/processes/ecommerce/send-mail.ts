/**
 * Mails the customer about the order. Several places of the process mail, so this makes a step of its
 * own for each. The same mail of the same order goes out once.
 */
import { z } from 'zod';
import { step } from '../../engine/index.ts';

/** A step that sends one kind of mail. */
export function sendMail<const Id extends string>(
  id: Id,
  type: 'order-confirmed' | 'order-cancelled' | 'order-completed',
) {
  return step({
    id,
    input: z.object({
      orderId: z.string(),
      userId: z.string(),
      data: z.record(z.string(), z.unknown()).optional(),
    }),
    execute: ({ engine, inputData }) => engine.run('notifications.send', { type, ...inputData }),
    irreversible: 'a mail that was sent cannot be called back',
  });
}
