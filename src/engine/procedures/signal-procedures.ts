/** The procedure by which a signal is broadcast from outside of any process. */
import { z } from 'zod';
import { idSchema } from '../../kernel/ids.ts';
import { defineTransactional } from '../../kernel/procedure.ts';
import { nameSchema } from '../../kernel/text.ts';
import type { Engine } from '../engine.ts';

/** The procedures about signals. */
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
  return [broadcast];
}
