/** Every rule that bpmnlint recommends has its place, and those that warn do so on a drawing that earns it. */
import recommended from 'bpmnlint/config/recommended.js';
import { expect, it } from 'vitest';
import { bpmnlintRules } from './bpmnlint-rules.ts';
import { compileDrawing } from './compile-drawing.ts';
import { rules } from './rules.ts';

const head =
  '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC">';
const flow = (id: string, from: string, to: string) =>
  `<sequenceFlow id="${id}" sourceRef="${from}" targetRef="${to}"/>`;
const shape = (of: string, x: number) =>
  `<bpmndi:BPMNShape id="${of}_di" bpmnElement="${of}"><dc:Bounds x="${x}" y="0" width="100" height="80"/></bpmndi:BPMNShape>`;
/** Runs, and breaks every rule that only warns. */
const untidy = `${head}<signal id="unused"/><process id="p" isExecutable="true">
<startEvent id="s" name="asked"/><task id="t"/><task id="u" name="twice entered"/>
<exclusiveGateway id="x" name="both"/><exclusiveGateway id="y" name="of no use"/><endEvent id="e" name="done"><terminateEventDefinition/></endEvent>
${flow('a', 's', 't')}${flow('b', 't', 'x')}${flow('c', 't', 'x')}${flow('d', 'x', 'u')}${flow('f', 'u', 'y')}${flow('g', 'y', 'e')}
<sequenceFlow id="h" sourceRef="x" targetRef="u"><conditionExpression>1 = 2</conditionExpression></sequenceFlow></process>
<bpmndi:BPMNDiagram id="di"><bpmndi:BPMNPlane id="plane" bpmnElement="p">${shape('t', 0)}${shape('u', 10)}</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>
</definitions>`.replace(
  '<exclusiveGateway id="x" name="both"/>',
  '<exclusiveGateway id="x" name="both" default="d"/>',
);

it('every rule that is recommended has a place, and no other', () => {
  expect(Object.keys(bpmnlintRules).sort()).toEqual(Object.keys(recommended.rules).sort());
});

it('each rule that is an error is one of ours', () => {
  const ours = Object.values(bpmnlintRules).flatMap((place) =>
    place.as === 'error' ? [...place.rules] : [],
  );
  expect(ours.filter((rule) => !(rule in rules))).toEqual([]);
});

it('warns of what could be drawn better, where that is asked for', async () => {
  const file = { name: 'x.bpmn', xml: untidy };
  const { problems, warnings } = await compileDrawing(file, { isAdvised: true });
  expect(problems).toEqual([]);
  const told = new Set<string>(warnings.map(({ rule }) => rule));
  const warned = Object.entries(bpmnlintRules).flatMap(([rule, { as }]) =>
    as === 'warning' ? [rule] : [],
  );
  expect(warned.filter((rule) => !told.has(rule))).toEqual(['superfluous-label']);
  expect((await compileDrawing(file)).warnings).toEqual([]);
});

it('does not compare each element of a huge drawing with each other one', async () => {
  const many = Array.from({ length: 4_000 }, (_, n) => `<task id="t${n}"/>`).join('');
  const xml = untidy.replace('</process>', `${many}</process>`);
  expect((await compileDrawing({ name: 'x.bpmn', xml }, { isAdvised: true })).warnings).toEqual([]);
});
