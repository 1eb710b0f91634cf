/** The drawings that the program brings can be run, and looked at: everything in them has its place and its name. */
import { describe, expect, test } from 'vitest';
import { compileDrawing } from '../engine/index.ts';
import { readShippedDrawings } from './drawings.ts';

const drawings = await readShippedDrawings({ billing: true });

describe.each(drawings)('$name', (drawing) => {
  test('is a process that has the name of its file', async () => {
    const { models, problems, warnings } = await compileDrawing(drawing, { isAdvised: true });
    expect([...problems, ...warnings]).toEqual([]);
    expect(models.map(({ key }) => `billing-orders/${key}.bpmn`)).toEqual([drawing.name]);
  });

  test('draws every element and every flow', () => {
    const { xml } = drawing;
    const drawn =
      /<(?:\w+(?:Event|Task|Gateway|Activity)|subProcess|sequenceFlow|association) id="([^"]+)"/g;
    const ids = [...xml.matchAll(drawn)].map(([, id]) => id);
    expect(ids.length).toBeGreaterThan(10);
    expect(ids.filter((id) => !xml.includes(`bpmnElement="${id}"`))).toEqual([]);
  });
});

test('those of billing orders are left out where none are taken', async () => {
  expect(await readShippedDrawings({ billing: false })).toEqual([]);
});
