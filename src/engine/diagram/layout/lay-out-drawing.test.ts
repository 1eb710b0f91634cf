/** Every model that runs is laid out: nothing overlaps, nothing sticks out, and flows lead from shape to shape. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readFile } from '../../bpmn/read-file.ts';
import { layOutDrawing } from './lay-out-drawing.ts';
import { layoutFaults } from './layout-faults.ts';

const folder = new URL('../../bpmn/models/runs/', import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith('.bpmn'));

it.each(names)('%s', async (name) => {
  const { definitions } = await readFile({
    name,
    xml: readFileSync(new URL(name, folder), 'utf8'),
  });
  if (!definitions) throw new Error('expected definitions');
  expect(layOutDrawing(definitions).flatMap(layoutFaults)).toEqual([]);
});
