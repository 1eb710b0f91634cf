/** Decisions: what tables of every hit policy give, how graphs are made, and what history is told. */
import { describe, expect, it } from 'vitest';
import { type DecisionOutcome, evaluateGraph } from './decision-graph.ts';
import { readDecisions } from './read-decisions.ts';
import { decision, dmn, literal, tableOf, type WrittenTable } from './testing-dmn.ts';

const moment = Date.UTC(2026, 2, 1, 12);

async function evaluated(
  inside: string,
  given: Record<string, unknown>,
  key = 'd',
): Promise<DecisionOutcome> {
  const read = await readDecisions({ name: 'd.dmn', xml: dmn(inside) });
  if ('problems' in read) throw new Error(JSON.stringify(read.problems).slice(0, 500));
  return evaluateGraph(read.graph, key, given, moment);
}

const resultOf = async (inside: string, given: Record<string, unknown>, key = 'd') =>
  (await evaluated(inside, given, key)).result;
const decided = async (table: WrittenTable, given: Record<string, unknown>) =>
  await resultOf(decision('d', tableOf(table)), given);

const discount = {
  inputs: ['customer', ['amount', 'number']],
  outputs: ['rate'],
  rules: ['"gold" | >= 100 => 10', '"gold" | < 100 => 5', '"silver","bronze" | - => 1'],
} as const satisfies WrittenTable;

describe('hit policies', () => {
  const several = {
    inputs: ['n'],
    outputs: [['level', '"high","middle","low"']],
    rules: ['> 1 => "low"', '> 5 => "high"', '> 3 => "middle"', '> 5 => "high"'],
  } as const satisfies WrittenTable;

  it.each([
    ['UNIQUE', { customer: 'gold', amount: 100 }, 10],
    ['UNIQUE', { customer: 'bronze', amount: 3 }, 1],
    ['UNIQUE', { customer: 'nobody', amount: 3 }, null],
    ['UNIQUE', {}, null],
  ])('%s with %o', async (policy, given, expected) => {
    expect(await decided({ ...discount, policy }, given)).toEqual(expected);
  });

  it.each([
    ['FIRST', 9, 'low'],
    ['PRIORITY', 9, 'high'],
    ['PRIORITY', 4, 'middle'],
    ['RULE ORDER', 9, ['low', 'high', 'middle', 'high']],
    ['OUTPUT ORDER', 9, ['high', 'high', 'middle', 'low']],
    ['COLLECT', 4, ['low', 'middle']],
    ['COLLECT', 0, []],
  ])('%s of several rules with %o', async (policy, n, expected) => {
    expect(await decided({ ...several, policy }, { n })).toEqual(expected);
  });

  it.each([
    ['SUM', 9, 16],
    ['MIN', 9, 1],
    ['MAX', 9, 10],
    ['COUNT', 9, 3],
    ['COUNT', 0, 0],
    ['SUM', 0, null],
  ])('COLLECT with %s', async (aggregation, n, expected) => {
    const rules = ['> 1 => 1', '> 3 => 5', '> 5 => 10'];
    const table = { inputs: ['n'], outputs: ['fee'], rules, policy: 'COLLECT', aggregation };
    expect(await decided(table, { n })).toEqual(expected);
  });

  it('ANY gives what all rules agree on, and fails where they do not', async () => {
    const agreeing = { inputs: ['n'], outputs: ['x'], rules: ['> 1 => {a: 1}', '> 2 => {a: 1}'] };
    expect(await decided({ ...agreeing, policy: 'ANY' }, { n: 3 })).toEqual({ a: 1 });
    const other = { ...agreeing, rules: ['> 1 => 1', '> 2 => 2'], policy: 'ANY' };
    await expect(decided(other, { n: 3 })).rejects.toThrow('rules 1, 2');
  });

  it('UNIQUE fails when two rules hold', async () => {
    const table = { inputs: ['n'], outputs: ['x'], rules: ['> 1 => 1', '> 2 => 2'] };
    await expect(decided(table, { n: 3 })).rejects.toThrow('at most one rule');
  });

  it('several outputs are an object, and the usual ones stand in where no rule holds', async () => {
    const table = { inputs: ['n'], outputs: ['a', 'b'], rules: ['1 => 2 | n + 2'], fallback: '0' };
    expect(await decided(table, { n: 1 })).toEqual({ a: 2, b: 3 });
    expect(await decided(table, { n: 2 })).toEqual({ a: 0, b: 0 });
  });
});

describe('values', () => {
  it('are read by their types', async () => {
    const table = {
      inputs: [['day', 'date']],
      outputs: ['isLate'],
      rules: ['> date("2026-01-01") => true', '<= date("2026-01-01") => false'],
    } as const;
    expect(await decided(table, { day: '2026-02-01' })).toBe(true);
    expect(await decided(table, { day: '2025-02-01' })).toBe(false);
    await expect(decided(table, { day: 'soon' })).rejects.toThrow('a date in ISO 8601');
    await expect(decided(discount, { customer: 'gold', amount: 'x' })).rejects.toThrow(
      'expected "amount" to be a number, found "x"',
    );
  });

  it('of types that the file defines', async () => {
    const inside =
      `<itemDefinition name="Order"><itemComponent name="Line Count"><typeRef>number</typeRef></itemComponent>` +
      `<itemComponent name="state"><typeRef>string</typeRef><allowedValues><text>"open","paid"</text></allowedValues></itemComponent></itemDefinition>` +
      `<inputData id="o" name="The Order"><variable name="The Order" typeRef="Order"/></inputData>` +
      decision('d', literal('if The Order.state = "paid" then The Order.Line Count + 1 else 0'), [
        'input:o',
      ]);
    const order = (state: string) => ({ 'The Order': { 'Line Count': 2, state } });
    expect(await resultOf(inside, order('paid'))).toBe(3);
    await expect(resultOf(inside, order('lost'))).rejects.toThrow('one of "open","paid"');
  });

  it('see the moment of the evaluation as now', async () => {
    expect(await resultOf(decision('d', literal('today()')), {})).toBe('2026-03-01');
  });

  it('never reach what is around them', async () => {
    const given = JSON.parse('{"__proto__": {"hidden": 1}, "a": {}}');
    const texts = [
      'hidden',
      'a.constructor',
      'a.__proto__',
      'constructor("return 1")',
      'toString()',
    ];
    for (const text of texts) {
      expect(await resultOf(decision('d', literal(text)), given)).toBeNull();
    }
    expect({}).not.toHaveProperty('hidden');
  });
});

describe('graphs', () => {
  const dish =
    decision(
      'season',
      tableOf({
        inputs: ['temperature'],
        outputs: ['season'],
        rules: ['> 20 => "summer"', '<= 20 => "winter"'],
      }),
      [],
      'The Season',
    ) +
    decision(
      'dish',
      tableOf({
        inputs: ['season', 'guests'],
        outputs: ['dish'],
        rules: [
          '"summer" | <= 8 => "steak"',
          '"summer" | > 8 => "salad"',
          '"winter" | - => "stew"',
        ],
      }),
      ['season'],
    ) +
    decision('both', literal('[The Season, dish]'), ['season', 'dish']);

  it('make what is required first, each once, and tell how', async () => {
    const { result, steps } = await evaluated(dish, { temperature: 25, guests: 9 }, 'both');
    expect(result).toEqual(['summer', 'salad']);
    expect(steps).toEqual([
      {
        ...{ decision: 'season', name: 'season', result: 'summer' },
        inputs: [{ name: 'temperature', value: 25 }],
        matched: [{ number: 1, id: 'r1', outputs: { season: 'summer' } }],
      },
      {
        ...{ decision: 'dish', name: 'dish', result: 'salad' },
        inputs: [
          { name: 'season', value: 'summer' },
          { name: 'guests', value: 9 },
        ],
        matched: [{ number: 2, id: 'r2', outputs: { dish: 'salad' } }],
      },
      {
        ...{ decision: 'both', name: 'both', matched: null, result: ['summer', 'salad'] },
        inputs: [
          { name: 'The Season', value: 'summer' },
          { name: 'dish', value: 'salad' },
        ],
      },
    ]);
  });

  const taxed =
    `<businessKnowledgeModel id="tax" name="Add Tax"><variable name="Add Tax"/><encapsulatedLogic>` +
    `<formalParameter name="net"/><formalParameter name="rate"/>${literal('net * (100 + rate) / 100')}</encapsulatedLogic></businessKnowledgeModel>`;

  it('call knowledge, by its name and in boxes', async () => {
    const boxed =
      `<invocation>${literal('Add Tax')}<binding><parameter name="rate"/>${literal('19')}</binding>` +
      `<binding><parameter name="net"/>${literal('net')}</binding></invocation>`;
    const calls =
      decision('d', literal('Add Tax(net, 19)'), ['knows:tax']) +
      decision('e', boxed, ['knows:tax']);
    expect(await resultOf(taxed + calls, { net: 200 })).toBe(238);
    expect(await resultOf(taxed + calls, { net: 200 }, 'e')).toBe(238);
  });

  it('have contexts, lists and relations', async () => {
    const context = `<context><contextEntry><variable name="half"/>${literal('n / 2')}</contextEntry>
      <contextEntry><variable name="both"/><list>${literal('half')}${literal('n')}</list></contextEntry></context>`;
    expect(await resultOf(decision('d', context), { n: 4 })).toEqual({ half: 2, both: [2, 4] });
    const relation = `<relation><column name="a"/><column name="b"/><row>${literal('1')}${literal('n')}</row></relation>`;
    expect(await resultOf(decision('d', relation), { n: 4 })).toEqual([{ a: 1, b: 4 }]);
    const last = `<context><contextEntry><variable name="half"/>${literal('n / 2')}</contextEntry><contextEntry>${literal('half + 1')}</contextEntry></context>`;
    expect(await resultOf(decision('d', last), { n: 4 })).toBe(3);
  });
});

describe('bounds', () => {
  it('knowledge that calls more and more ends', async () => {
    const step = (at: number) =>
      `<businessKnowledgeModel id="k${at}" name="k${at}"><variable name="k${at}"/><encapsulatedLogic><formalParameter name="x"/>` +
      `${literal(at === 0 ? 'x' : `k${at - 1}(x) + k${at - 1}(x) + k${at - 1}(x) + k${at - 1}(x)`)}</encapsulatedLogic>` +
      `${at === 0 ? '' : `<knowledgeRequirement><requiredKnowledge href="#k${at - 1}"/></knowledgeRequirement>`}</businessKnowledgeModel>`;
    const steps = Array.from({ length: 40 }, (_, at) => step(at)).join('');
    const asked = resultOf(steps + decision('d', literal('k39(1)'), ['knows:k39']), {});
    await expect(asked).rejects.toThrow('at most 200000 rules and calls');
  });

  it('a table of twenty thousand rules is read and decided', async () => {
    const rules = Array.from({ length: 20_000 }, (_, at) => `${at} | "x" => ${at * 2}`);
    const table = { inputs: ['n', 't'], outputs: ['twice'], rules, policy: 'FIRST' };
    expect(await decided(table, { n: 19_999, t: 'x' })).toBe(39_998);
  });
});
