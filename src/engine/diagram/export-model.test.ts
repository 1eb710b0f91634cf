/**
 * The round trip: every model that runs is exported as if it were code, read again with that code, and must
 * then be the same process, graph and history.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { compileDrawing } from '../bpmn/compile-drawing.ts';
import { delegates } from '../bpmn/models/delegates.ts';
import { playScript } from '../bpmn/models/play-script.ts';
import { structureOf } from '../model/structure.ts';
import { exportModel } from './export-model.ts';

const folder = new URL('../bpmn/models/runs/', import.meta.url);
const names = readdirSync(folder).flatMap((name) => /^(.*)\.bpmn$/.exec(name)?.[1] ?? []);
const read = (name: string) => readFileSync(new URL(name, folder), 'utf8');

it.each(names)('%s', async (name) => {
  const { models } = await compileDrawing({ name, xml: read(`${name}.bpmn`), delegates });
  const [model] = models;
  if (!model) throw new Error('expected a model');
  const xml = await exportModel(model);
  const again = await compileDrawing({ name, xml }, { code: () => model });
  expect(again.problems).toEqual([]);
  const [same] = again.models;
  if (!same) throw new Error('expected the model again');
  expect(structureOf(same)).toEqual(structureOf(model));
  const history = read(`${name}.history`);
  expect(playScript(same, history)).toBe(history);
});
