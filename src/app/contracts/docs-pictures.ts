/** Pictures that the docs show, drawn from the project's own drawings by what draws them for everybody. */
import { readFileSync } from 'node:fs';
import { type Marks, readDrawn, renderSvg } from '../../engine/index.ts';
import { assert } from '../../kernel/errors.ts';

const lineActivation = new URL(
  '../../processes/billing-orders/lineActivation.bpmn',
  import.meta.url,
);

/** An instance of `lineActivation` that waits for the network, half an hour at most. */
const waits: Marks = {
  elements: new Map(
    (
      [
        ['start', 'completed'],
        ['split', 'completed'],
        ['activateLine', 'completed'],
        ['awaitLine', 'waiting'],
        ['lineIsLate', 'waiting'],
        ['assignDevice', 'running'],
      ] as const
    ).map(([id, state]) => [id, { state, badges: [{ kind: state, count: 1 }], note: state }]),
  ),
  taken: new Set(['start_split', 'split_activate', 'activate_await', 'split_assign']),
  areCounts: false,
};

/** The picture of `docs/guides/draw-a-process.md`. */
export async function lineActivationPicture(): Promise<string> {
  const name = 'lineActivation.bpmn';
  const drawn = await readDrawn({ name, xml: readFileSync(lineActivation, 'utf8') });
  assert('drawings' in drawn, `${name} can be drawn`);
  return renderSvg(drawn.drawings, {
    title: 'Activate a line: waiting',
    description:
      'The line was activated, a device is being put into it, and the network is waited for.',
    marks: waits,
  });
}
