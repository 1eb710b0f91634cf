/**
 * Processes that would never come to rest, or would take all memory: each is an incident that says what is wrong,
 * after a bounded time, and the instance can be cancelled. A process that goes far and ends is left alone.
 */
import { describe, expect, it } from 'vitest';
import { compileDrawing } from '../bpmn/compile-drawing.ts';
import type { ProcessModel } from '../model/process-model.ts';
import type { InstanceState } from '../model/state.ts';
import { virtualClock } from '../testing/virtual-clock.ts';
import { advance } from './advance.ts';
import { NewInstances } from './new-instances.ts';
import { ProcessRegistry } from './process-registry.ts';

const head =
  '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:orderloom="urn:orderloom:bpmn:1">' +
  '<signal id="again" name="again"/><error id="wrong" errorCode="WRONG"/><escalation id="late" escalationCode="LATE"/>';
const person = '<extensionElements><orderloom:task roles="manager"/></extensionElements>';
const each = (inside: string) =>
  `<multiInstanceLoopCharacteristics>${inside}</multiInstanceLoopCharacteristics>`;
const items = each(
  '<extensionElements><orderloom:loop collection="= input.items" item="one"/></extensionElements>',
);
const hearsAgain = (inside: string, flows: string) =>
  `<subProcess id="heard" triggeredByEvent="true"><startEvent id="hears" isInterrupting="false">
  <signalEventDefinition signalRef="again"/></startEvent>${inside}<endEvent id="done"/>${flowsOf(flows)}</subProcess>`;
const says = (id: string) =>
  `<intermediateThrowEvent id="${id}"><signalEventDefinition signalRef="again"/></intermediateThrowEvent>`;

/** `a -> b -> c; b -> d` as sequence flows. */
function flowsOf(text: string): string {
  return text
    .split(';')
    .flatMap((chain) => {
      const ids = chain.split('->').map((id) => id.trim());
      return ids.slice(1).map((target, index) => [ids[index], target]);
    })
    .map(([from, to]) => `<sequenceFlow id="${from}_${to}" sourceRef="${from}" targetRef="${to}"/>`)
    .join('');
}

async function drawn(inside: string, flows: string): Promise<ProcessModel> {
  const body = `<startEvent id="s"/><exclusiveGateway id="x"/><endEvent id="e"/>${inside}${flowsOf(flows)}`;
  const xml = `${head}<process id="p" isExecutable="true">${body}</process></definitions>`;
  const { models, problems } = await compileDrawing({ name: 'p.bpmn', xml });
  expect(problems).toEqual([]);
  return models[0] as ProcessModel;
}

const begin = (model: ProcessModel, payload: unknown = {}) =>
  advance(model, null, { type: 'start', at: 0, payload });

const never = 'it has a loop that never ends';
const storm = 'react on each other again and again';

describe('what never waits becomes an incident', () => {
  it.each([
    ['a circle of tokens that double', '<task id="t"/>', 's -> x -> t -> x; t -> e', never],
    [
      'a loop whose condition always holds',
      '<task id="t"><standardLoopCharacteristics><loopCondition>true</loopCondition></standardLoopCharacteristics></task>',
      's -> x -> t -> e',
      never,
    ],
    [
      'a sub-process that throws an error, and is begun again',
      `<subProcess id="sub"><startEvent id="s2"/><endEvent id="e2"><errorEventDefinition errorRef="wrong"/></endEvent>
       ${flowsOf('s2 -> e2')}</subProcess><boundaryEvent id="b" attachedToRef="sub"><errorEventDefinition errorRef="wrong"/></boundaryEvent>`,
      's -> x -> sub -> e; b -> x',
      never,
    ],
    [
      'an escalation in a circle',
      `<subProcess id="late2" triggeredByEvent="true"><startEvent id="s2" isInterrupting="false">
       <escalationEventDefinition escalationRef="late"/></startEvent><endEvent id="e2"/>${flowsOf('s2 -> e2')}</subProcess>
       <intermediateThrowEvent id="t"><escalationEventDefinition escalationRef="late"/></intermediateThrowEvent>`,
      's -> x -> t -> x; t -> e',
      never,
    ],
    [
      'a signal that is thrown by what hears it',
      hearsAgain(says('t2'), 'hears -> t2 -> done') + says('t'),
      's -> x -> t -> e',
      storm,
    ],
    [
      'a signal that is thrown twice by what hears it',
      hearsAgain(says('t2') + says('t3'), 'hears -> t2 -> t3 -> done') + says('t'),
      's -> x -> t -> e',
      storm,
    ],
    [
      'a million people at once',
      `<subProcess id="sub">${each('<loopCardinality>1000</loopCardinality>')}<startEvent id="s2"/>
       <userTask id="t">${person}${each('<loopCardinality>1000</loopCardinality>')}</userTask><endEvent id="e2"/>
       ${flowsOf('s2 -> t -> e2')}</subProcess>`,
      's -> x -> sub -> e',
      storm,
    ],
    [
      'tokens by the million',
      '<task id="t" completionQuantity="1000"/><task id="u" completionQuantity="1000"/>',
      's -> x -> t -> u -> e',
      storm,
    ],
  ])('%s', async (_, inside, flows, expected) => {
    const model = await drawn(inside, flows);
    const { state, effects } = begin(model);
    expect(effects.incidentsOpened).toEqual([
      {
        ...{ n: 1, node: '', code: 'TRANSITION_FAILED' },
        message: expect.stringContaining(expected),
      },
    ]);
    expect(effects.history).toHaveLength(2);
    const ended = advance(model, state, { type: 'cancel', at: 1, reason: 'endless', by: 'ada' });
    expect(ended.state.status).toBe('cancelled');
  });

  it('is an incident again when somebody retries it', async () => {
    const model = await drawn('<task id="t"/>', 's -> x -> t -> x; t -> e');
    const { state } = begin(model);
    const again = advance(model, state, { type: 'incident-retry', at: 1, n: 1, by: 'ada' });
    expect([again.state.status, again.effects.incidentsOpened.length]).toEqual(['active', 1]);
  });

  it('a list of more than fifty thousand', async () => {
    const model = await drawn(`<userTask id="t">${person}${items}</userTask>`, 's -> x -> t -> e');
    const { effects } = begin(model, { items: new Array(50_001).fill(0) });
    expect(effects.incidentsOpened).toMatchObject([
      { node: 't', message: expect.stringContaining('at most 50000 items') },
    ]);
  });
});

describe('what goes far and ends is left alone', () => {
  it('a list of ten thousand, at once and without a wait', async () => {
    const model = await drawn(`<task id="t">${items}</task>`, 's -> x -> t -> e');
    const { state } = begin(model, { items: new Array(10_000).fill(0) });
    expect(state.status).toBe('completed');
  });

  it('ten thousand people whose work is interrupted at once', async () => {
    const model = await drawn(`<userTask id="t">${person}${items}</userTask>`, 's -> x -> t -> e');
    const { state } = begin(model, { items: new Array(10_000).fill(0) });
    const ended = advance(model, state, { type: 'cancel', at: 1, reason: 'enough', by: 'ada' });
    expect(ended.state.status).toBe('cancelled');
  });
});

describe('processes that call each other without an end', () => {
  /** The states of all that would begin with one commit. */
  function bornWith(model: ProcessModel): readonly InstanceState[] {
    const states: InstanceState[] = [];
    const registry = new ProcessRegistry([model]);
    new NewInstances({
      ...{ registry, clock: virtualClock(), shard: () => undefined, thrown: () => undefined },
      learn: () => Promise.resolve(),
      begun: (_, state) => void states.push(state),
    })
      .prepare({ model, payload: {}, traceId: 'trace' })
      .begin();
    return states;
  }

  it('stop at a hundred, where one of them waits with an incident', async () => {
    const model = await drawn('<callActivity id="c" calledElement="p"/>', 's -> x -> c -> e');
    const states = bornWith(model);
    const incidents = states.flatMap(({ elements }) =>
      Object.values(elements).flatMap(({ incident }) => incident?.code ?? []),
    );
    expect([states.length, incidents]).toEqual([101, ['CALLS_TOO_DEEP']]);
  });

  it('stop when thousands have begun at once', async () => {
    const loop = each('<loopCardinality>3</loopCardinality>');
    const model = await drawn(
      `<callActivity id="c" calledElement="p">${loop}</callActivity>`,
      's -> x -> c -> e',
    );
    expect(bornWith(model)).toHaveLength(12_000);
  });
});
