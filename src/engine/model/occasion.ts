/** What an instance that a schedule starts is given. */
import { z } from 'zod';

/** Accepts the occasion of a start by the clock, and nothing else. */
export const occasionSchema = z.object({
  scheduledFor: z.iso.datetime().describe('The moment of the pattern, in UTC'),
  late: z.boolean().describe('Nobody was there at the moment; it was caught up with'),
  manual: z.boolean().describe('A person asked for it'),
});

/** Why an instance began: the moment of the pattern, or the moment at which a person asked for it. */
export type Occasion = Readonly<z.output<typeof occasionSchema>>;
