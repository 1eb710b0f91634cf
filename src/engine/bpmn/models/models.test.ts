/**
 * Every tiny model: those in `runs` are played by their scripts and must leave exactly the history that
 * stands there, also when the instance is stored and loaded again after every event; those in `refused`
 * must be answered with exactly the problems beside them. Each rule has a model that breaks it.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { compileDrawing } from '../compile-drawing.ts';
import { rules } from '../rules.ts';
import { delegates } from './delegates.ts';
import { eventsShown, eventsToShow, type ShownEvent } from './events-shown.ts';
import { playScript } from './play-script.ts';

const folder = fileURLToPath(new URL('./', import.meta.url));
/** With this set, what is expected is written anew, to be read before it is kept. */
const isRewritten = process.env.REWRITE_MODELS === '1';

/** What other processes there are is not in a file. */
const testedElsewhere = ['key-taken'];

const namesIn = (where: string) =>
  readdirSync(`${folder}${where}`).flatMap((name) => /^(.*)\.bpmn$/.exec(name)?.[1] ?? []);
const read = (name: string) => readFileSync(`${folder}${name}`, 'utf8');
const compile = (where: string, name: string) =>
  compileDrawing(
    { name: `${name}.bpmn`, xml: read(`${where}/${name}.bpmn`), delegates },
    {
      knowsProcedure: (procedure) => procedure !== 'work.nope',
      knowsDecision: (decision) => decision !== 'decision.nope',
    },
  );

function expected(path: string, found: () => string): string {
  if (isRewritten) writeFileSync(`${folder}${path}`, found());
  return read(path);
}

describe('models that run', () => {
  it.each(namesIn('runs'))('%s', async (name) => {
    const { models, problems } = await compile('runs', name);
    expect(problems).toEqual([]);
    const [model] = models;
    if (!model) throw new Error('expected a model');
    const script = read(`runs/${name}.history`);
    const history = expected(`runs/${name}.history`, () => playScript(model, script));
    expect(playScript(model, history)).toBe(history);
    expect(playScript(model, history, { resumed: true })).toBe(history);
  });
});

it('models show every event in every position, interrupting and not, and no other', () => {
  const told = ({ position, trigger, isInterrupting }: ShownEvent) =>
    `${position}: ${trigger}${isInterrupting ? '' : ', not interrupting'}`;
  const shown = namesIn('runs').flatMap((name) => eventsShown(read(`runs/${name}.bpmn`)).map(told));
  expect([...new Set(shown)].sort()).toEqual(eventsToShow().map(told).sort());
});

describe('models that are refused', () => {
  it.each(namesIn('refused'))('%s', async (name) => {
    const { models, problems } = await compile('refused', name);
    expect(models).toEqual([]);
    const lines = problems.map(
      ({ line, element, rule, message, remedy }) =>
        `${line} ${element || '-'} ${rule}: ${message}; ${remedy}\n`,
    );
    expect(lines.join('')).toBe(expected(`refused/${name}.problems`, () => lines.join('')));
    const [about] = Object.keys(rules)
      .filter((rule) => name.startsWith(rule))
      .sort((a, b) => b.length - a.length);
    expect(problems.map(({ rule }) => rule)).toContain(about);
  });

  it('break every rule', () => {
    const broken = namesIn('refused');
    const unbroken = Object.keys(rules).filter(
      (rule) => !broken.some((name) => name.startsWith(rule)) && !testedElsewhere.includes(rule),
    );
    expect(unbroken).toEqual([]);
  });
});
