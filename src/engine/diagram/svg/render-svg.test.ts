/** Pictures: every model is drawn whole and well-formed, and whatever text a drawing holds stays text. */
import { readdirSync, readFileSync } from 'node:fs';
import { Parser } from 'saxen';
import { expect, it, test } from 'vitest';
import { kindOf } from '../../bpmn/moddle-values.ts';
import { type DrawnVersion, readDrawn } from '../drawn-version.ts';
import type { ElementMark } from '../marks.ts';
import { renderSvg } from './render-svg.ts';

const folder = new URL('../../bpmn/models/runs/', import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith('.bpmn'));

async function drawn(xml: string): Promise<DrawnVersion> {
  const read = await readDrawn({ name: 'x.bpmn', xml });
  if (!('drawings' in read)) throw new Error('expected a drawing');
  return read;
}

/** Names of the elements of a picture; throws when it is not well-formed. */
function tagsOf(svg: string): readonly string[] {
  const tags: string[] = [];
  const parser = new Parser();
  parser.on('openTag', (name) => void tags.push(name));
  for (const event of ['error', 'warn'] as const) {
    parser.on(event, (error) => {
      throw error;
    });
  }
  parser.parse(svg);
  return tags;
}

const looks = { title: 'A picture', description: 'What it shows' };

it.each(names)('%s is drawn whole', async (name) => {
  const { drawings } = await drawn(readFileSync(new URL(name, folder), 'utf8'));
  const svg = renderSvg(drawings, looks);
  expect(new Set(tagsOf(svg))).toContain('desc');
  for (const { element } of drawings.flatMap(({ shapes }) => shapes)) {
    expect(svg).toContain(`data-element="${String(element.id)}"`);
  }
  // Each kind of event and gateway has a sign.
  expect(svg).not.toMatch(/<path d=""/);
  const events = drawings.flatMap(({ shapes }) => shapes.map(({ element }) => element));
  const withSign = events.filter(
    (one) => Array.isArray(one.eventDefinitions) && one.eventDefinitions.length > 0,
  );
  for (const one of withSign) {
    const own = new RegExp(`data-element="${String(one.id)}"><title>.*?</g>`).exec(svg)?.[0];
    expect(own, `${kindOf(one)} ${String(one.id)}`).toContain('<path');
  }
});

const hostile = `</text><script>alert(1)</script> ]]> &amp; "quoted" \u202e`;

function oneTask(name: string, id = 'task'): string {
  const text = name.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
  return `<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="x">
    <process id="p" isExecutable="true"><startEvent id="start" name="${text}"/>
      <task id="${id}" name="${text}"/><sequenceFlow id="f" name="${text}" sourceRef="start" targetRef="${id}"/>
      <textAnnotation id="note"><text>${text}</text></textAnnotation>
      <association id="a" sourceRef="${id}" targetRef="note"/></process></definitions>`;
}

test('text of a drawing is text in the picture, whatever it says', async () => {
  const { drawings } = await drawn(oneTask(hostile));
  const note: ElementMark = {
    state: 'incident',
    badges: [{ kind: 'incident', count: 2 }],
    note: hostile,
  };
  const marks = { elements: new Map([['task', note]]), taken: new Set(['f']), areCounts: true };
  const svg = renderSvg(drawings, { title: hostile, description: hostile, marks });
  const tags = new Set(tagsOf(svg));
  expect(tags).not.toContain('script');
  expect([...tags].toSorted()).toEqual([
    'circle',
    'desc',
    'g',
    'path',
    'rect',
    'style',
    'svg',
    'text',
    'title',
    'tspan',
  ]);
  expect(svg).not.toMatch(/\bhref|url\(|\son\w+=/);
});

test('what XML does not allow is left out, and long names end in an ellipsis', async () => {
  const { drawings } = await drawn(oneTask('Ship '.repeat(200)));
  const svg = renderSvg(drawings, { title: 'a\u0000b\ud800c', description: '' });
  expect(svg).toContain('<title>ab\ufffdc</title>');
  expect(svg).toContain('…</tspan>');
  tagsOf(svg);
});

test('events that do not interrupt are dashed, states and counts are shown', async () => {
  const xml = readFileSync(new URL('boundary-timer-non-interrupting.bpmn', folder), 'utf8');
  const { drawings } = await drawn(xml);
  const shape = drawings[0]?.shapes.find(({ element }) => kindOf(element) === 'boundaryEvent');
  const id = String(shape?.element.id);
  const mark: ElementMark = {
    state: 'waiting',
    badges: [{ kind: 'waiting', count: 1_200 }],
    note: 'x',
  };
  const marks = { elements: new Map([[id, mark]]), taken: new Set<string>(), areCounts: false };
  const svg = renderSvg(drawings, { ...looks, marks });
  expect(svg).toMatch(
    new RegExp(`class="waiting" data-element="${id}"><title>.*?: x</title><circle[^>]*dashed`),
  );
  expect(svg).toContain('>1,200</text>');
});

test('a file that shows itself is shown as it was drawn, one that does not show all is laid out', async () => {
  const plain = await drawn(oneTask('A'));
  const bounds = '<dc:Bounds x="700" y="10" width="100" height="80"/>';
  const shape = (id: string) =>
    `<di:BPMNShape id="${id}.s" bpmnElement="${id}">${bounds}</di:BPMNShape>`;
  const withDiagram = (shapes: string) =>
    oneTask('A')
      .replace(
        '<definitions ',
        `<definitions xmlns:di="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" `,
      )
      .replace(
        '</definitions>',
        `<di:BPMNDiagram id="dia"><di:BPMNPlane id="pl" bpmnElement="p">${shapes}</di:BPMNPlane></di:BPMNDiagram></definitions>`,
      );
  const boxes = ({ drawings }: DrawnVersion) =>
    drawings.flatMap(({ shapes }) => shapes.map(({ box }) => box));
  const own = await drawn(withDiagram(shape('start') + shape('task')));
  expect(boxes(own).map(({ x }) => x)).toEqual([700, 700]);
  const partly = await drawn(withDiagram(shape('task')));
  expect(boxes(partly)).toEqual(boxes(plain));
});

test('what nobody could read as a picture is not drawn, what is no BPMN is told so', async () => {
  const tasks = Array.from({ length: 5_001 }, (_, index) => `<task id="t${index}"/>`).join('');
  const xml = oneTask('A').replace('<task id="task"', `${tasks}<task id="task"`);
  expect(await readDrawn({ name: 'x.bpmn', xml })).toEqual({ elements: 5_006 });
  expect(await readDrawn({ name: 'x.bpmn', xml: '<html/>' })).toHaveProperty('unreadable');
});
