/** Procedures by which what happens outside of any process starts and moves processes: signals, conditions. */
import { z } from 'zod';
import { idSchema } from '../../kernel/ids.ts';
import { defineTransactional } from '../../kernel/procedure.ts';
import { nameSchema } from '../../kernel/text.ts';
import type { Engine } from '../engine.ts';

/** The procedures about signals and conditions. */
export function signalProcedures(engine: () => Engine) {
  const broadcast = defineTransactional({
    name: 'processes.broadcast-signal',
    summary: 'Broadcast a signal to every instance that waits for it, and start what begins by it',
    description:
      'Heard once by each wait that is open at that moment, on whichever node; a suspended instance ' +
      'handles it when it is resumed. Nothing is kept for waits that open later.',
    input: z.object({ signal: nameSchema, payload: z.unknown().optional() }),
    output: z.object({
      id: idSchema,
      signal: z.string(),
      waits: z.number().int().describe('Open waits that heard it'),
      started: z.array(idSchema).describe('Instances that began by it'),
    }),
    access: ['operator', 'admin', 'service'],
    http: { method: 'POST', path: '/signals' },
    errors: [],
    async execute({ tx, trace }, { signal, payload = null }) {
      const told = await engine().broadcastSignal(tx, { signal, payload, traceId: trace.traceId });
      return { ...told, signal };
    },
  });
  const conditions = defineTransactional({
    name: 'processes.evaluate-conditions',
    summary: 'Read the conditions by which processes begin, and start those that hold',
    description:
      'What is given is all that a condition can read, and what its instance begins with. A condition that ' +
      'cannot be read starts nothing and is told among those that failed.',
    input: z.object({ input: z.unknown(), process: nameSchema.optional() }),
    output: z.object({
      started: z.array(idSchema),
      failed: z.array(z.object({ process: z.string(), message: z.string() })),
    }),
    access: ['operator', 'admin', 'service'],
    http: { method: 'POST', path: '/conditions' },
    errors: [],
    async execute({ tx, trace }, { input: given = null, process = null }) {
      const { traceId } = trace;
      const { started, failed } = await engine().startByConditions(tx, { given, process, traceId });
      return { started, failed: [...failed] };
    },
  });
  return [broadcast, conditions];
}
