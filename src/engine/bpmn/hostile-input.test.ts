/** Drawings that mean harm, or were damaged on their way: answered with problems, soon, and never thrown. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { longestFile } from '../../kernel/drawing-size.ts';
import { compileDrawing } from './compile-drawing.ts';

const head =
  '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:orderloom="urn:orderloom:bpmn:1">';
const small = `${head}<process id="p" isExecutable="true"><startEvent id="s"/><serviceTask id="t">
<extensionElements><orderloom:task procedure="a.b" result="r"/><orderloom:input name="x" value="= input.y + 1"/></extensionElements>
</serviceTask><endEvent id="e"/><sequenceFlow id="a" sourceRef="s" targetRef="t"/>
<sequenceFlow id="b" sourceRef="t" targetRef="e"/></process></definitions>`;

const rulesOf = async (xml: string) =>
  (await compileDrawing({ name: 'x.bpmn', xml })).problems.map(({ rule }) => rule);

it('takes the small drawing that the others are made of', async () => {
  expect(await rulesOf(small)).toEqual([]);
});

it('refuses entities before any of them could grow', async () => {
  const entities = Array.from(
    { length: 60 },
    (_, n) => `<!ENTITY e${n + 1} "&e${n};&e${n};&e${n};">`,
  );
  const bomb = `<!DOCTYPE x [<!ENTITY e0 "ha">${entities.join('')}]>${small.replace('id="p"', 'id="p" name="&e60;"')}`;
  expect(await rulesOf(bomb)).toEqual(['no-doctype']);
});

it('does not expand an entity that nobody declared', async () => {
  const { models } = await compileDrawing({
    name: 'x.bpmn',
    xml: small.replace('id="p"', 'id="p" name="&e1;"'),
  });
  expect(models[0]?.name).toBe('&e1;');
});

it('refuses a file that is too large, without reading it', async () => {
  expect(await rulesOf(small + ' '.repeat(longestFile))).toEqual(['file-too-large']);
});

it('refuses elements that are too deep, and too many', async () => {
  const deep = '<subProcess>'.repeat(50_000);
  expect(await rulesOf(`${head}${deep}`)).toEqual(['file-too-large']);
  const many = '<startEvent/>'.repeat(150_000);
  expect(await rulesOf(`${head}<process id="p">${many}</process></definitions>`)).toContain(
    'file-too-large',
  );
});

it('refuses flows that lead in circles without an end', async () => {
  const circle = small
    .replace('<sequenceFlow id="b" sourceRef="t" targetRef="e"/>', '')
    .replace('</process>', '<sequenceFlow id="b" sourceRef="t" targetRef="t"/></process>');
  expect(await rulesOf(circle)).toEqual(expect.arrayContaining(['unreachable']));
});

it('refuses an event that is attached to itself', async () => {
  const attached = small.replace(
    '</process>',
    '<boundaryEvent id="x" attachedToRef="x"><timerEventDefinition><timeDuration>PT1M</timeDuration></timerEventDefinition></boundaryEvent></process>',
  );
  expect(await rulesOf(attached)).toContain('boundary-detached');
});

it('answers any damage to a drawing, and never throws', async () => {
  const pieces = [
    '<',
    '>',
    '"',
    '&lt;',
    '</process>',
    '<process>',
    '= ',
    '(',
    '[',
    '\0',
    ' id="s"',
    'xmlns:a="b"',
  ];
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.tuple(
          fc.nat(small.length),
          fc.nat(40),
          fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 10 })),
        ),
        { minLength: 1, maxLength: 4 },
      ),
      async (damages) => {
        let xml = small;
        for (const [at, length, put] of damages)
          xml = xml.slice(0, at) + put + xml.slice(at + length);
        const { models, problems } = await compileDrawing({ name: 'x.bpmn', xml });
        expect(models.length === 0 || problems.length === 0).toBe(true);
      },
    ),
    { numRuns: 300 },
  );
});
