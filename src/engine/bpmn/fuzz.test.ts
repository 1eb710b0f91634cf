/**
 * Real models, damaged as bytes and as structure: each is answered with problems or with a model that can be played,
 * and nothing throws or runs for ever. A failure prints its seed; FUZZ_RUNS=100000 runs for longer.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { advance } from '../runtime/advance.ts';
import type { cronMoments } from '../time/cron.ts';
import { startMoments } from '../time/start-moments.ts';
import { compileDrawing } from './compile-drawing.ts';
import { delegates } from './models/delegates.ts';

const numRuns = Number(process.env.FUZZ_RUNS ?? 120);
const folder = fileURLToPath(new URL('./models/', import.meta.url));
const models = ['runs', 'refused'].flatMap((where) =>
  readdirSync(`${folder}${where}`)
    .filter((name) => name.endsWith('.bpmn'))
    .sort()
    .map((name) => readFileSync(`${folder}${where}/${name}`, 'utf8')),
);

/** Takes a drawing as a deployment would, and begins what comes of it. */
async function taken(xml: string): Promise<void> {
  const { models: accepted, problems } = await compileDrawing({ name: 'x.bpmn', xml, delegates });
  expect(accepted.length === 0 || problems.length === 0).toBe(true);
  for (const model of accepted) {
    const starts = Object.values(model.nodes).filter(
      (node) => node.type === 'startEvent' && node.parent === null,
    );
    for (const { id: node } of starts) {
      const event = { type: 'start', at: 0, node, payload: { items: [1, 2], n: 1 } } as const;
      const { state } = advance(model, null, event);
      if (state.status === 'active') {
        const cancel = { type: 'cancel', at: 1, reason: 'enough', by: 'ada' } as const;
        advance(model, state, cancel);
      }
    }
  }
}

const drawing = fc.constantFrom(...models);

it('bytes that are lost, doubled or others', async () => {
  const damage = fc.tuple(
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.nat(60),
    fc.oneof(
      fc.string({ maxLength: 6 }),
      fc.constantFrom('<', '"', '&', '\0', ']]>', '<!--', '<?x?>', '${', '= [', '9'.repeat(40)),
    ),
  );
  await fc.assert(
    fc.asyncProperty(
      drawing,
      fc.array(damage, { minLength: 1, maxLength: 3 }),
      async (xml, all) => {
        const damaged = all.reduce((text, [at, length, put]) => {
          const from = Math.floor(at * text.length);
          return text.slice(0, from) + put + text.slice(from + length);
        }, xml);
        await taken(damaged);
      },
    ),
    { numRuns },
  );
}, 600_000);

it('references that lead elsewhere, elements of another kind, and parts of other drawings', async () => {
  const change = fc.tuple(
    fc.constantFrom('reference', 'kind', 'number', 'gone', 'twice'),
    fc.nat(),
    fc.nat(),
  );
  const kinds = [
    ...['task', 'userTask', 'exclusiveGateway', 'parallelGateway', 'inclusiveGateway', 'endEvent'],
    ...['subProcess', 'callActivity', 'intermediateThrowEvent', 'eventBasedGateway', 'startEvent'],
  ];
  const values = [
    '-1',
    '0',
    '1e9',
    '999999999',
    'PT0S',
    'R/PT0S',
    'R999999999/PT0.001S',
    'P1000000Y',
  ];
  await fc.assert(
    fc.asyncProperty(
      drawing,
      fc.array(change, { minLength: 1, maxLength: 3 }),
      async (xml, all) => {
        let text = xml;
        for (const [what, which, other] of all) {
          const ids = [...text.matchAll(/\bid="([^"]+)"/g)].map(([, id = '']) => id);
          const id = ids[other % ids.length] ?? 'x';
          const nth = (pattern: RegExp, put: (found: string) => string) => {
            const found = [...text.matchAll(pattern)];
            const one = found[which % Math.max(1, found.length)];
            if (!one) return;
            text = text.slice(0, one.index) + put(one[0]) + text.slice(one.index + one[0].length);
          };
          if (what === 'reference') nth(/(?<=Ref=")[^"]+/g, () => id);
          else if (what === 'kind')
            nth(
              /(?<=<)(?:\w+Task|task|\w+Gateway|\w+Event)\b/g,
              () => kinds[other % kinds.length] ?? 'task',
            );
          else if (what === 'number')
            nth(/(?<=>)[^<>\s][^<>]*(?=<)/g, () => values[other % values.length] ?? '0');
          else if (what === 'gone') nth(/<[^>]*\/>/g, () => '');
          else nth(/<[^>]*\/>/g, (found) => found + found.replace(/\bid="/, 'id="again_'));
        }
        await taken(text);
      },
    ),
    { numRuns },
  );
}, 600_000);

it('patterns of time', () => {
  const part = fc.constantFrom(
    '*',
    '?',
    '0',
    '59',
    '*/0',
    '*/7',
    '1-5',
    '31',
    'L',
    'MON',
    '2#5',
    '30',
    '2',
    '99',
    'W',
    ',',
  );
  const cron = fc.array(part, { minLength: 4, maxLength: 8 }).map((parts) => parts.join(' '));
  const iso = fc
    .tuple(
      fc.constantFrom('', 'R/', 'R0/', 'R3/', 'R999999999/', 'R-1/'),
      fc.constantFrom(
        '',
        '2026-01-01T00:00:00Z/',
        '+275760-09-13T00:00:00Z/',
        '-000001-01-01T00:00:00Z/',
      ),
      fc.constantFrom(
        'PT0S',
        'PT1S',
        'PT0.001S',
        'P1D',
        'P100000000D',
        '-PT1S',
        'P1M',
        'PT',
        '2026-02-30T00:00:00Z',
      ),
    )
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.oneof(cron, iso, fc.string({ maxLength: 20 })), (text) => {
      const begunAt = new Date(0);
      let moments: ReturnType<typeof cronMoments>;
      try {
        moments = startMoments({ cron: text, timeZone: 'UTC' }, begunAt);
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
        return;
      }
      const next = moments.next(begunAt);
      if (next) expect(next.getTime()).toBeGreaterThanOrEqual(0);
      moments.latest(3, { from: begunAt, until: new Date(1e12) });
    }),
    { numRuns },
  );
}, 600_000);
