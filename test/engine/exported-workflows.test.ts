/** Every process in code, exported as a drawing and read again, is the same process, and drawn whole. */
import { describe, expect, test } from 'vitest';
import { compileDrawing } from '../../src/engine/bpmn/compile-drawing.ts';
import { readFile } from '../../src/engine/bpmn/read-file.ts';
import { exportModel } from '../../src/engine/diagram/export-model.ts';
import { layoutFaults } from '../../src/engine/diagram/layout/layout-faults.ts';
import { readDiagram } from '../../src/engine/diagram/read-diagram.ts';
import { digestOf, structureOf } from '../../src/engine/model/structure.ts';
import { possibleEvents } from '../../src/engine/testing/explore.ts';
import { play } from '../../src/engine/testing/play.ts';
import { workflows } from '../../src/processes/index.ts';

const code = (process: string, version: number) =>
  workflows.find(({ model }) => model.key === process && model.version === version)?.model;

describe.each(workflows.map(({ model }) => ({ model, key: model.key })))('$key', ({ model }) => {
  test('is the same graph after a round trip', async () => {
    const xml = await exportModel(model);
    const { models, problems } = await compileDrawing({ name: 'x.bpmn', xml }, { code });
    expect(problems).toEqual([]);
    const [again] = models;
    if (!again) throw new Error('expected a model');
    expect(structureOf(again)).toEqual(structureOf(model));
    expect(digestOf(again)).toBe(digestOf(model));
    for (const node of Object.values(model.nodes)) {
      const { incoming, outgoing, ...own } = node;
      expect(again.nodes[node.id]).toMatchObject({ outgoing, incoming });
      // Functions are those of the code itself.
      if ('job' in own) expect(again.nodes[node.id]).toHaveProperty('job', own.job);
    }
  });

  test('has a place in the diagram for every element and flow, and none lies on another', async () => {
    const xml = await exportModel(model);
    const drawn = (id: string) => xml.includes(`bpmnElement="${id}"`);
    const missing = Object.keys(model.nodes).filter((id) => !drawn(id));
    expect(missing).toEqual([]);
    const edges = xml.match(/<bpmndi:BPMNEdge /g)?.length ?? 0;
    expect(edges).toBeGreaterThanOrEqual(Object.keys(model.flows).length);
    const { definitions } = await readFile({ name: 'x.bpmn', xml });
    expect(readDiagram(definitions!).flatMap(layoutFaults)).toEqual([]);
  });
});

const id = '01890000-0000-7000-8000-000000000001';
const order = {
  id,
  userId: id,
  status: 'pending',
  totalAmount: 100,
  currency: 'USD',
  items: [{ productId: 'prod-1', productName: 'Chair', quantity: 2, price: 50 }],
  shippingAddress: {
    line1: '1 Example Street',
    city: 'Springfield',
    postalCode: '62701',
    country: 'US',
  },
  requiresShipping: true,
};

test.each(workflows.map(({ model }) => ({ model, key: model.key })))(
  '$key plays the same when it is read back, whatever happens to it',
  async ({ model }) => {
    const xml = await exportModel(model);
    const { models } = await compileDrawing({ name: 'x.bpmn', xml }, { code });
    const again = models[0];
    if (!again) throw new Error('expected a model');
    let longest = 0;
    for (let seed = 1; seed <= 12; seed += 1) {
      const first = play(model, order);
      const second = play(again, order);
      for (let step = 0; step < 25 && first.status === 'active'; step += 1) {
        const events = possibleEvents(first, { errors: ['INSUFFICIENT_STOCK'], retries: true });
        const event = events[(seed * 7 + step * 13) % Math.max(1, events.length - 1)];
        if (!event) break;
        expect(second.apply(event)).toBe(first.apply(event));
        expect(second.state).toEqual(first.state);
      }
      expect(second.history).toEqual(first.history);
      longest = Math.max(longest, first.history.length);
    }
    // It went somewhere: past the first steps.
    expect(longest).toBeGreaterThan(Math.min(10, Object.keys(model.nodes).length / 2));
  },
);
