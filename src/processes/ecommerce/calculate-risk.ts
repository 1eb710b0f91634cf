/** Calculates how risky the order is. Nothing to undo: the score is kept with the order. */
import { z } from 'zod';
import { step } from '../../engine/index.ts';
import { approvalStates, riskSchema } from '../../modules/orders/index.ts';

/** Gives the risk score with its factors. */
export const calculateRisk = step({
  id: 'calculate-risk',
  input: z.object({ orderId: z.string() }),
  output: riskSchema.extend({ approval: z.enum(approvalStates) }),
  execute: ({ engine, inputData }) => engine.run('orders.calculate-risk', inputData),
  irreversible: 'a score is a fact of its moment, and harms nobody',
});
