/**
 * Deployed decisions on a real database: versions by content, business rule tasks that decide in the
 * transaction of their step, and the history of every evaluation.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testDatabase } from '../../../test/support/database.ts';
import { processCaller } from '../../kernel/caller.ts';
import { newTrace } from '../../kernel/tracing.ts';
import type { Database } from '../../postgres/index.ts';
import type { Engine } from '../engine.ts';
import { decisionProcedures } from '../procedures/decision-procedures.ts';
import { deploymentProcedures } from '../procedures/deployment-procedures.ts';
import { sweepHistory } from '../store/retention.ts';
import { type EngineInTest, EngineWorld, nothingOpen } from '../testing/in-process-engine.ts';
import { plainRunner } from '../testing/plain-runner.ts';
import { decision, dmn, tableOf } from './testing-dmn.ts';

const late: { engine?: Engine } = {};
const engine = () => late.engine!;
const procedures = [...decisionProcedures(engine), ...deploymentProcedures(engine)];

let world: EngineWorld;
let node: EngineInTest;
let database: Database;

beforeAll(async () => {
  const made = await testDatabase({
    migrations: [{ schema: 'engine', folder: new URL('../store/migrations/', import.meta.url) }],
  });
  ({ database } = made);
  world = new EngineWorld({ ...made, processes: [], procedures });
  node = await world.start();
  late.engine = node.engine;
});
afterAll(() => world.end());

const call = async <Answer>(name: string, input: object): Promise<Answer> => {
  const runner = plainRunner({ database, procedures, clock: world.clock });
  const asked = { caller: { ...processCaller, userId: 'ada' }, trace: newTrace() };
  return (await runner.run(name, input, asked)) as Answer;
};

const rates = (gold: number) =>
  dmn(
    decision(
      'kind',
      tableOf({
        inputs: ['spent'],
        outputs: ['kind'],
        rules: ['>= 100 => "gold"', '< 100 => "new"'],
      }),
    ) +
      decision(
        'rate',
        tableOf({
          inputs: ['kind', ['spent', 'number']],
          outputs: ['rate'],
          rules: [`"gold" | - => ${gold}`, '"new" | - => 1'],
        }),
        ['kind'],
      ),
  );
const drawing = (
  id: string,
  task: string,
) => `<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
    xmlns:orderloom="urn:orderloom:bpmn:1" id="definitions" targetNamespace="urn:orderloom:models">
  <process id="${id}" isExecutable="true">
    <extensionElements><orderloom:process output="= { rate: rate }"/></extensionElements>
    <startEvent id="start"/>
    <businessRuleTask id="decide"><extensionElements><orderloom:task ${task} result="rate"/>
      <orderloom:input name="spent" value="= input.spent"/></extensionElements></businessRuleTask>
    <endEvent id="end"/>
    <sequenceFlow id="a" sourceRef="start" targetRef="decide"/>
    <sequenceFlow id="b" sourceRef="decide" targetRef="end"/>
  </process>
</definitions>`;
const newest = { name: 'newest.bpmn', xml: drawing('newest', 'decision="rate"') };
const pinned = {
  name: 'pinned.bpmn',
  xml: drawing('pinned', 'decision="rate" decisionVersion="1"'),
};
const decided = { name: 'rates.dmn', xml: rates(10) };

interface Refused {
  readonly code: string;
  readonly detail: string;
}
interface Evaluations {
  readonly items: readonly {
    readonly id: string;
    readonly decision: string;
    readonly version: number;
  }[];
}

async function rateOf(process: string, spent: number): Promise<unknown> {
  const id = await world.begin(node, process, { spent });
  const { state } = await world.until(id, 'completed');
  return state.elements[1]?.vars?.rate;
}

test('a decision is deployed with the drawing that names it, and decides in its step', async () => {
  const alone = await call<Refused>('deployments.create', { files: [newest] });
  expect(alone).toMatchObject({ code: 'DRAWING_INVALID' });
  const tried = { files: [newest, pinned, decided], dryRun: true };
  expect(await call('deployments.create', tried)).toMatchObject({
    decisions: [
      { decision: 'kind', version: null },
      { decision: 'rate', version: null },
    ],
  });
  const deployed = {
    deployed: [{ process: 'newest' }, { process: 'pinned' }],
    decisions: [{ version: 1 }, { version: 1 }],
  };
  expect(await call('deployments.create', { files: [newest, pinned, decided] })).toMatchObject(
    deployed,
  );
  expect(await rateOf('newest', 100)).toBe(10);
  expect(await rateOf('pinned', 3)).toBe(1);
  expect(await world.open()).toEqual(nothingOpen);
});

test('the same content is the same version, another the next one, and steps take what they name', async () => {
  const again = {
    deployed: [],
    decisions: [
      { version: 1, existing: true },
      { version: 1, existing: true },
    ],
  };
  expect(await call('deployments.create', { files: [decided] })).toMatchObject(again);
  const next = { ...decided, xml: rates(20) };
  expect(await call('deployments.create', { files: [next] })).toMatchObject({
    decisions: [
      { decision: 'kind', version: 2, existing: false },
      { decision: 'rate', version: 2 },
    ],
  });
  expect(await rateOf('newest', 100)).toBe(20);
  expect(await rateOf('pinned', 100)).toBe(10);
  const { xml } = await call<{ xml: string }>('decisions.dmn', { decision: 'rate', version: 1 });
  expect(xml).toBe(decided.xml);
});

test('history tells of each evaluation who asked, what was given, and which rules held', async () => {
  const id = await world.begin(node, 'newest', { spent: 250 });
  await world.until(id, 'completed');
  const { items } = await call<Evaluations>('decision-evaluations.list', { instanceId: id });
  expect(items).toMatchObject([
    { decision: 'rate', version: 2, element: 'decide', by: 'process', result: 20 },
  ]);
  const told = await call('decision-evaluations.get', { evaluationId: items[0]!.id });
  expect(told).toMatchObject({
    given: { spent: 250 },
    steps: [
      {
        decision: 'kind',
        inputs: [{ name: 'spent', value: 250 }],
        matched: [{ number: 1, id: 'r1' }],
        result: 'gold',
      },
      { decision: 'rate', matched: [{ number: 1, outputs: { rate: 20 } }], result: 20 },
    ],
  });
});

test('anybody who may asks for a decision, and is told why there is none', async () => {
  const ask = (input: object) => call('decisions.evaluate', { decision: 'rate', ...input });
  const spent = { variables: { spent: 500 } };
  expect(await ask(spent)).toMatchObject({ version: 2, result: 20, rows: [{ rate: 20 }] });
  expect(await ask({ ...spent, version: 1 })).toMatchObject({ version: 1, result: 10 });
  expect(await ask({ ...spent, version: 7 })).toMatchObject({ code: 'DECISION_NOT_FOUND' });
  expect(await ask({ variables: { spent: 'much' } })).toMatchObject({
    code: 'DECISION_INPUT_INVALID',
  });
  const { items } = await call<Evaluations>('decision-evaluations.list', {
    decision: 'rate',
    limit: 2,
  });
  expect(items).toMatchObject([
    { by: 'ada', version: 1 },
    { by: 'ada', version: 2 },
  ]);
});

test('a step whose decision has no result becomes an incident with its reason', async () => {
  const id = await world.begin(node, 'newest', { spent: 'much' });
  const { incident } = await world.untilAt(
    id,
    'decide',
    (element) => element.incident !== undefined,
  );
  expect(incident).toMatchObject({
    code: 'DECISION_INPUT_INVALID',
    message: expect.stringContaining('"spent"'),
  });
});

test('evaluations go when their time is over', async () => {
  const now = world.clock.now();
  await sweepHistory(database, { before: new Date(now.getTime() + 1), now });
  expect(await call('decision-evaluations.list', {})).toMatchObject({ items: [] });
});
