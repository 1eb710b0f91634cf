/** Puts a risky order in front of a person. Asking twice asks once. */
import { z } from 'zod';
import { step } from '../../engine/index.ts';

/** Asks for approval, unless it was decided before. */
export const requestApproval = step({
  id: 'request-approval',
  input: z.object({ orderId: z.string() }),
  execute: ({ engine, inputData }) => engine.run('orders.request-approval', inputData),
  irreversible: 'a request lapses with its order',
});
