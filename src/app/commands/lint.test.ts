/** What `orderloom lint` says of files and folders, and that warnings refuse nothing. */
import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { lint } from './lint.ts';

const head = '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL">';
const sound = `${head}
<process id="p" isExecutable="true">
  <startEvent id="s" name="asked"/>
  <task id="t"/>
  <endEvent id="e" name="done"/>
  <sequenceFlow id="a" sourceRef="s" targetRef="t"/>
  <sequenceFlow id="b" sourceRef="t" targetRef="e"/>
</process></definitions>`;
const broken = sound
  .replace('<sequenceFlow id="b" sourceRef="t" targetRef="e"/>', '')
  .replace(
    '<task id="t"/>',
    '<task id="t" name="\u001b[2Jgone"><ioSpecification id="\u001b[2J"/></task>',
  );

let folder: string;
let said: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'orderloom-lint-'));
  said = [];
  const listen = (text: string) => void said.push(text.replaceAll(folder, '.'));
  vi.spyOn(console, 'log').mockImplementation(listen);
  vi.spyOn(console, 'error').mockImplementation(listen);
});
afterEach(() => rm(folder, { recursive: true }));

it('says what is wrong and what could be better, file by file, with what to do', async () => {
  await writeFile(join(folder, 'broken.bpmn'), broken);
  await mkdir(join(folder, 'inner'));
  await writeFile(join(folder, 'inner', 'sound.bpmn'), sound);
  await writeFile(join(folder, 'notes.txt'), 'no drawing');
  expect(await lint([folder], {})).toBe(1);
  const [text = ''] = said;
  expect(text).toContain(
    './broken.bpmn:4  error  dead-end  t\n    expected a flow to go on from it, found none\n    -> draw one, to an end event if it is the last',
  );
  expect(text).toContain('./inner/sound.bpmn:4  warning  label-required  t\n');
  expect(text).toContain('./inner/sound.bpmn  warning  no-bpmndi\n    The file has no diagram\n');
  expect(text).toMatch(/\d errors and \d+ warnings in 2 files; nothing can be deployed\.$/);
  // Text from a file cannot steer the terminal.
  expect(text).not.toContain('\u001b');
});

it('can deploy what has warnings only, and gives both as JSON', async () => {
  await writeFile(join(folder, 'sound.bpmn'), sound);
  expect(await lint([join(folder, 'sound.bpmn')], {})).toBe(0);
  expect(said[0]).toMatch(/The file can be deployed, with \d warnings\.$/);
  expect(await lint([folder], { json: true })).toBe(0);
  const told = JSON.parse(said[1] ?? '') as Record<string, unknown>;
  expect(told).toMatchObject({ files: 1, problems: [] });
  expect(told.warnings).toContainEqual({
    ...{ file: './sound.bpmn', line: 4, element: 't', rule: 'label-required' },
    ...{ message: 'Element is missing label/name', remedy: 'give it a name that people read' },
  });
});

it.each([['nowhere.bpmn'], ['.']])('says that there is nothing to check: %s', async (path) => {
  expect(await lint([join(folder, path)], {})).toBe(2);
  expect(said[0]).toMatch(/^orderloom: Expected/);
});

it('tells a file of 100 MB by its size, without reading it', async () => {
  const path = join(folder, 'huge.bpmn');
  await writeFile(path, sound);
  await truncate(path, 100_000_000);
  expect(await lint([path], {})).toBe(2);
  expect(said).toEqual([
    expect.stringMatching(/at most 40000000 bytes, found 100000000 in huge\.bpmn/),
  ]);
});
