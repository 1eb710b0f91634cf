/** Scripts in JavaScript: what they give, what they cannot reach, and that every one of them ends. */
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { ScriptRunner } from './script-runner.ts';

const runner = new ScriptRunner();
afterAll(() => runner.close());

const moment = Date.UTC(2026, 2, 1, 12);
const run = (source: string, variables: Record<string, unknown> = {}) =>
  runner.run(source, variables, moment);
const resultOf = async (source: string, variables: Record<string, unknown> = {}) =>
  (await run(source, variables)).result;

describe('what a script gives', () => {
  it.each([
    ['total * 2', { total: 21 }, 42],
    ['const { a } = order; a.map((n) => n + 1)', { order: { a: [1, 2] } }, [2, 3]],
    ['execution.getVariable("x") ?? "none"', {}, 'none'],
    ['var x = 1;', {}, null],
    ['undefined', {}, null],
    ['JSON.stringify(JSON)', { JSON: 1 }, '{}'],
    ['execution.getVariable("JSON")', { JSON: 1 }, 1],
  ])('%s', async (source, variables, expected) => {
    expect(await resultOf(source, variables)).toEqual(expected);
  });

  it('its value, and the variables that it sets', async () => {
    const source =
      'execution.setVariable("a", n + 1); execution.setVariable("b", [a()]); function a() { return execution.getVariable("a") } n';
    expect(await run(source, { n: 1 })).toEqual({ result: 1, set: { a: 2, b: [2] } });
  });

  it('the same again: its moment is the one it is given, and there is no chance', async () => {
    const clock = '[Date.now(), new Date().getTime(), new (new Date(0).constructor)().getTime()]';
    expect(await resultOf(clock)).toEqual([moment, moment, moment]);
    expect(await resultOf('new Date(5).getTime() + Date.UTC(1970, 0, 1)')).toBe(5);
    await expect(run('Math.random()')).rejects.toThrow('gives the same again');
  });

  it('an error of the process, by its code', async () => {
    const asked = run('throw new BpmnError("TOO_MUCH", "no more")');
    await expect(asked).rejects.toMatchObject({
      name: 'ProcessError',
      code: 'TOO_MUCH',
      message: 'no more',
    });
    await expect(run('nope()')).rejects.toMatchObject({
      code: 'SCRIPT_FAILED',
      message: expect.stringContaining('ReferenceError'),
    });
  });

  it('nothing that another script left', async () => {
    await run('globalThis.left = 1; Object.prototype.left = 2; Array.prototype.map = null;');
    expect(await resultOf('typeof left + typeof [].map')).toBe('undefinedfunction');
    expect({}).not.toHaveProperty('left');
  });

  it('or why it cannot be read', async () => {
    expect(await runner.problemOf('const a = 1; a + 1')).toBeNull();
    expect(await runner.problemOf('const = 1')).toMatch(/^expected JavaScript, found: SyntaxError/);
    expect(await runner.problemOf('globalThis.ran = 1; while (true) {}')).toBeNull();
  });
});

describe('what means harm', () => {
  it.each([
    'typeof process',
    'typeof require',
    'typeof fetch',
    'typeof setTimeout',
    'typeof console',
    'typeof std',
    'typeof this.constructor.constructor("return this")().process',
    'typeof (function () { return this })().process',
    'typeof execution.getVariable.constructor("return process === undefined")',
  ])('%s reaches nothing', async (source) => {
    expect(await resultOf(source).catch(() => 'undefined')).toMatch(/^(undefined|function)$/);
  });

  it.each([
    ['a loop', 'while (true) {}'],
    ['memory', 'const a = []; while (true) a.push(new Array(1000).fill(a))'],
    ['one long text', '"x".repeat(1e9)'],
    ['recursion', '(function f() { f() })()'],
    ['a regular expression', '/(a+)+$/.test("a".repeat(50) + "!")'],
    ['an answer that never ends', '({ toJSON() { while (true) {} } })'],
    ['a circle', 'const o = {}; o.o = o; o'],
    ['an error that never ends', 'throw { get message() { while (true) {} } }'],
    ['an import', 'import("node:fs")'],
  ])('%s ends as a failure', async (_, source) => {
    await expect(run(source)).rejects.toMatchObject({ code: 'SCRIPT_FAILED' });
    expect(await resultOf('1')).toBe(1);
  });

  it('one long step of the engine for scripts ends with its thread', async () => {
    await resultOf('1');
    const endless = 'Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1)';
    await expect(run(endless)).rejects.toMatchObject({ code: 'SCRIPT_FAILED' });
    expect(await resultOf('2')).toBe(2);
  });

  it('names that are none stay data', async () => {
    const variables = JSON.parse('{"__proto__": {"polluted": 1}, "constructor": 2, "a b": 3}');
    const source =
      'execution.setVariable("__proto__", { polluted: 1 }); [typeof polluted, execution.getVariable("a b")]';
    const { result, set } = await run(source, variables);
    expect(result).toEqual(['undefined', 3]);
    expect(Object.getPrototypeOf(set)).toBe(Object.prototype);
    expect({}).not.toHaveProperty('polluted');
  });

  it('any text ends as a value or a failure', async () => {
    const token = fc.constantFrom(
      ...[
        '(',
        ')',
        '{',
        '}',
        '[',
        ']',
        'a',
        '1',
        '"x"',
        '=',
        '=>',
        ';',
        'throw ',
        'return ',
        'new ',
        '.b',
      ],
      ...[
        'function ',
        'class ',
        'while(1)',
        'for(;;)',
        '`${',
        '}`',
        '/*',
        'eval',
        'globalThis',
        '...',
      ],
    );
    await fc.assert(
      fc.asyncProperty(fc.array(token, { maxLength: 8 }), async (tokens) => {
        const ended = await run(tokens.join(''), { a: 1 }).catch(
          (error: { code: string }) => error.code,
        );
        expect(typeof ended === 'object' || ended === 'SCRIPT_FAILED').toBe(true);
      }),
      { interruptAfterTimeLimit: 800, numRuns: 500 },
    );
  });
});
