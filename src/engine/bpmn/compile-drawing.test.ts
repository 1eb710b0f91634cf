/** Facts of a drawn process that no model of the tests shows in its history. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { compileDrawing } from './compile-drawing.ts';

test('a drawing says whom the work of an instance is for', async () => {
  const plain = readFileSync(new URL('./models/runs/task-receive.bpmn', import.meta.url), 'utf8');
  const said = '<orderloom:process fairBy="= input.customer.id"/>';
  const xml = plain.replace(
    'isExecutable="true">',
    `isExecutable="true"><extensionElements>${said}</extensionElements>`,
  );
  const { models, problems } = await compileDrawing({ name: 'fair.bpmn', xml }, {});
  expect(problems).toEqual([]);
  expect(models[0]?.fairBy?.evaluate({ input: { customer: { id: 'c-1' } } })).toBe('c-1');
});
