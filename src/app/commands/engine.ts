/** `orderloom engine`: whether the engine works; pausing it after an incident, and letting it go on. */
import type { z } from 'zod';
import type { pauseSchema } from '../../engine/procedures/engine-procedures.ts';
import type { CommandContext } from '../command-context.ts';
import { moment } from '../terminal.ts';

type Pause = z.output<typeof pauseSchema>;

/** Says whether the engine works. */
export async function showEngine({ api, answer }: CommandContext): Promise<void> {
  const pause = await api.get<Pause>('/engine');
  answer(pause, () => pauseText(pause));
}

/** Pauses all nodes. */
export async function pauseEngine({ api, answer }: CommandContext, reason: string): Promise<void> {
  const pause = await api.post<Pause>('/engine/pause', { reason });
  answer(pause, () => pauseText(pause));
}

/** Lets all nodes go on. */
export async function resumeEngine({ api, answer }: CommandContext): Promise<void> {
  const pause = await api.post<Pause>('/engine/resume', {});
  answer(pause, () => pauseText(pause));
}

function pauseText({ paused, allNodes, reason, by, since }: Pause): string {
  if (!paused) return 'The engine works.';
  const next = 'Nothing begins until:  orderloom engine resume';
  if (!allNodes) return `The node was started paused. ${next}`;
  return `All nodes are paused since ${moment(since)} by ${by}: ${reason}\n${next}`;
}
