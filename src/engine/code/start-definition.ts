/** How a message or the clock begins something: a workflow, or a handler inside of one. */
import type { z } from 'zod';
import type { CycleEventDefinition, MessageEventDefinition } from '../model/process-model.ts';

/** A message or a schedule as a start event. */
export interface StartDefinition {
  readonly id: string;
  readonly name: string;
  readonly message: MessageEventDefinition | CycleEventDefinition;
  readonly schema: z.ZodType | null;
}
