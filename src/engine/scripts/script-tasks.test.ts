/** Script tasks in JavaScript on a real node: what they set, what they raise, and what off means. */
import { expect, onTestFinished, test } from 'vitest';
import { testDatabase } from '../../../test/support/database.ts';
import { type EngineInTest, EngineWorld } from '../testing/in-process-engine.ts';

const drawing = `<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="definitions"
    xmlns:camunda="http://camunda.org/schema/1.0/bpmn" targetNamespace="urn:orderloom:models">
  <process id="scripted" isExecutable="true">
    <startEvent id="start"/>
    <scriptTask id="sum" scriptFormat="javascript" camunda:resultVariable="total">
      <script>
        if (items.length === 0) throw new BpmnError('EMPTY', 'nothing is ordered');
        execution.setVariable('count', items.length);
        items.reduce((sum, item) => sum + item.price, 0)
      </script>
    </scriptTask>
    <boundaryEvent id="empty" attachedToRef="sum"><errorEventDefinition id="caught" errorRef="nothing"/></boundaryEvent>
    <endEvent id="end"/>
    <endEvent id="none"/>
    <sequenceFlow id="a" sourceRef="start" targetRef="sum"/>
    <sequenceFlow id="b" sourceRef="sum" targetRef="end"/>
    <sequenceFlow id="c" sourceRef="empty" targetRef="none"/>
  </process>
  <error id="nothing" errorCode="EMPTY"/>
</definitions>`;

async function deploy(
  { engine, database }: EngineInTest,
  xml = drawing,
): Promise<readonly string[]> {
  const prepared = await engine.drawings.prepare([{ name: 'scripted.bpmn', xml }]);
  if ('problems' in prepared) return prepared.problems.map(({ rule }) => rule);
  await database.transaction((tx) => engine.drawings.deploy(tx, prepared.files, 'somebody'));
  await engine.drawings.look();
  return [];
}

test('scripts run where they are switched on, and nowhere else', async () => {
  const { database, connectionString } = await testDatabase({
    migrations: [{ schema: 'engine', folder: new URL('../store/migrations/', import.meta.url) }],
  });
  const world = new EngineWorld({ database, connectionString, processes: [] });
  onTestFinished(() => world.end());
  const on = await world.start({ javascript: true });
  expect(await deploy(on, drawing.replace('items.length === 0', 'items.length ==='))).toEqual([
    'expression-invalid',
  ]);
  expect(await deploy(on)).toEqual([]);
  const id = await world.begin(on, 'scripted', { items: [{ price: 30 }, { price: 12 }] });
  const { state } = await world.until(id, 'completed');
  expect(state.elements[1]?.vars).toMatchObject({ total: 42, count: 2 });
  const empty = await world.begin(on, 'scripted', { items: [] });
  await world.until(empty, 'completed');
  expect(await world.lines(empty)).toContain('completed none');
  await on.stop();

  const off = await world.start();
  expect(await deploy(off, drawing.replace('count', 'number'))).toEqual(['expression-language']);
  const later = await world.begin(off, 'scripted', { items: [] });
  const { incident } = await world.untilAt(
    later,
    'sum',
    (element) => element.incident !== undefined,
  );
  expect(incident).toMatchObject({ code: 'SCRIPTS_OFF' });
});
