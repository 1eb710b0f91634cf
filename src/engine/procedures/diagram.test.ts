/** Diagrams of instances and versions as clients ask for them. */
import { expect, onTestFinished, test } from 'vitest';
import { testDatabase } from '../../../test/support/database.ts';
import { processCaller } from '../../kernel/caller.ts';
import { isRefusal } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import { newTrace } from '../../kernel/tracing.ts';
import { catchEvent, drawProcess, endEvent, message, startEvent } from '../testing/draw-process.ts';
import { EngineWorld } from '../testing/in-process-engine.ts';
import { plainRunner } from '../testing/plain-runner.ts';
import { diagramProcedures } from './diagram-procedures.ts';

const paying = drawProcess('paying', {
  nodes: {
    start: startEvent(null, { result: 'order' }),
    ready: catchEvent(message('ready', 'order')),
    paid: catchEvent(message('paid', 'order'), { result: 'payment' }),
    end: endEvent(),
  },
  flows: ['start -> ready -> paid -> end'],
});

interface Data {
  readonly xml: string;
  readonly elements: readonly { element: string; state: string; counts: Record<string, number> }[];
  readonly taken: readonly string[];
  readonly markers: readonly unknown[];
  readonly overlays: readonly { element: string; count: number }[];
}

test('an instance is shown as it stands and as it stood, a version with what is where', async () => {
  const { database, connectionString } = await testDatabase({
    migrations: [{ schema: 'engine', folder: new URL('../store/migrations/', import.meta.url) }],
  });
  const world = new EngineWorld({ database, connectionString, processes: [paying] });
  onTestFinished(() => world.end());
  const node = await world.start();
  const procedures = diagramProcedures(() => node.engine);
  const runner = plainRunner({ database, procedures, clock: world.clock });
  const run = async <Output>(name: string, input: object): Promise<Output> =>
    (await runner.run(name, input, { caller: processCaller, trace: newTrace() })) as Output;
  const instanceId = await world.begin(node, 'paying', 'o-1');
  await world.begin(node, 'paying', 'o-2');
  await world.untilAt(instanceId, 'ready');
  await world.publish(node, { id: newId(), name: 'ready', payload: { order: 'o-1' } });
  await world.untilAt(instanceId, 'paid');

  const now = await run<Data>('processes.diagram-data', { instanceId });
  const states = ({ elements }: Data) =>
    Object.fromEntries(elements.map((one) => [one.element, one.state]));
  expect(states(now)).toEqual({ start: 'completed', ready: 'completed', paid: 'waiting' });
  expect(now.taken).toEqual(['start__to__ready', 'ready__to__paid']);
  expect(now.markers).toContainEqual({ element: 'paid', marker: 'orderloom-waiting' });
  for (const id of now.taken) expect(now.xml).toContain(`<bpmn:sequenceFlow id="${id}"`);
  const before = await run<Data>('processes.diagram-data', { instanceId, at: 3 });
  expect(states(before)).toEqual({ start: 'completed', ready: 'waiting' });

  const picture = await run<string>('processes.diagram', { instanceId });
  expect(picture).toContain('<g class="waiting" data-element="paid">');
  expect(picture).toContain('<g class="taken" data-element="ready__to__paid">');
  expect(picture).toMatch(/<desc>[^<]*paid: waiting, waits for message paid/);

  const version = { process: 'paying', version: 1 };
  const counted = await run<Data>('process-definitions.diagram-data', version);
  const overlay = (id: string) => counted.overlays.find(({ element }) => element === id)?.count;
  expect([overlay('ready'), overlay('paid')]).toEqual([1, 1]);
  const done = Object.fromEntries(
    counted.elements.map((one) => [one.element, one.counts.completed]),
  );
  expect(done).toEqual({ start: 2, ready: 1, paid: 0 });
  expect(await run<string>('process-definitions.xml', version)).toBe(counted.xml);
  const plain = await run<string>('process-definitions.diagram', { ...version, statistics: false });
  expect(plain).not.toContain('class="running"');
  expect(
    isRefusal(await run('process-definitions.diagram', { process: 'nowhere', version: 1 })),
  ).toBe(true);
});
