/** How a message begins something: a workflow, or a handler inside of one. */
import type { z } from 'zod';
import type { MessageEventDefinition } from '../model/process-model.ts';

/** A message as a start event. */
export interface StartDefinition {
  readonly id: string;
  readonly name: string;
  readonly message: MessageEventDefinition;
  readonly schema: z.ZodType | null;
}
