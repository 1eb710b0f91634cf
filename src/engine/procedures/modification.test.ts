/**
 * Moving an instance by hand over the procedure: refused with a reason and no trace, tried without one, and
 * done in one step.
 */
import { expect, test } from 'vitest';
import { testDatabase } from '../../../test/support/database.ts';
import { processCaller } from '../../kernel/caller.ts';
import { newTrace } from '../../kernel/tracing.ts';
import { catchEvent, drawProcess, endEvent, message, startEvent } from '../testing/draw-process.ts';
import { EngineWorld } from '../testing/in-process-engine.ts';
import { plainRunner } from '../testing/plain-runner.ts';
import { modificationProcedures } from './modification-procedures.ts';

const order = drawProcess('order', {
  nodes: {
    start: startEvent(),
    paid: catchEvent(message('paid')),
    shipped: catchEvent(message('shipped')),
    end: endEvent(),
  },
  flows: ['start -> paid -> shipped -> end'],
});

test('what cannot be done is refused, what can is tried and done', async () => {
  const { database, connectionString } = await testDatabase({
    migrations: [{ schema: 'engine', folder: new URL('../store/migrations/', import.meta.url) }],
  });
  const world = new EngineWorld({ database, connectionString, processes: [order] });
  const node = await world.start();
  const procedures = modificationProcedures(() => node.engine);
  const runner = plainRunner({ database, procedures, clock: world.clock });
  const instanceId = await world.begin(node, 'order');
  const stands = async () =>
    Object.values((await world.stored(instanceId)).state.elements).at(-1)?.node;
  const ask = (more: object) =>
    runner.run(
      'processes.modify',
      { instanceId, reason: 'paid in cash', ...more },
      { caller: processCaller, trace: newTrace() },
    );
  await world.untilAt(instanceId, 'paid');

  const cancel = { type: 'cancel', element: 'paid' };
  expect(await ask({ instructions: [cancel] })).toMatchObject({
    code: 'INSTANCE_NOT_MODIFIABLE',
    detail: expect.stringContaining('cancel the instance instead'),
  });
  expect(await ask({ instructions: [{ ...cancel, element: 'shipped' }] })).toMatchObject({
    detail: 'expected something that runs at "shipped" (none), found "shipped"',
  });
  const instructions = [cancel, { type: 'start-before', element: 'shipped' }];
  const changes = [
    { kind: 'element.cancelled', element: 'paid' },
    { kind: 'element.entered', element: 'shipped' },
  ];
  expect(await ask({ instructions, dryRun: true })).toMatchObject({ outcome: 'fits', changes });
  expect(await stands()).toBe('paid');

  expect(await ask({ instructions })).toMatchObject({ outcome: 'modified', changes });
  expect(await stands()).toBe('shipped');
  expect(await world.open()).toMatchObject({ messageWaits: 1, inbox: 0 });
  expect(await ask({ instructions })).toMatchObject({ code: 'INSTANCE_NOT_MODIFIABLE' });
  await world.end();
});
