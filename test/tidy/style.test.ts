/** The files keep to the style, and the checks of it find what they should. */
import { describe, expect, test } from 'vitest';
import { readSourceFiles } from './source-files.ts';
import {
  docstringFindings,
  hookFindings,
  leftoverFindings,
  nameFindings,
  openingFindings,
  styleFindings,
} from './style.ts';

const files = (await readSourceFiles()).filter(({ path }) => path !== 'test/tidy/style.test.ts');

test('there are files to look at', () => {
  expect(files.length).toBeGreaterThan(20);
});

test('every file keeps to the style', () => {
  expect(files.flatMap(styleFindings)).toEqual([]);
});

describe('the checks themselves', () => {
  const named = (path: string) => nameFindings({ path, text: '' });
  const holding = (...lines: string[]) => ({ path: 'src/a.ts', text: lines.join('\n') });

  test.each([
    'src/place-order.ts',
    'src/place-order.test.ts',
    'src/tables.test-d.ts',
    'src/lines/module.ts',
    'src/manager-approval.ts',
  ])('%s is a good name', (path) => {
    expect(named(path)).toEqual([]);
  });

  test.each([
    'src/utils.ts',
    'src/order-utils.ts',
    'src/helpers/order.ts',
    'src/lib/order.ts',
    'src/common.test.ts',
    'src/order-manager.ts',
    'src/PlaceOrder.ts',
    'src/place_order.ts',
    'src/placeOrder.ts',
  ])('%s is a bad name', (path) => {
    expect(named(path)).toHaveLength(1);
  });

  test('asks for an opening comment', () => {
    expect(openingFindings(holding('/** What it is for. */', 'export {};'))).toEqual([]);
    expect(openingFindings(holding('#!/usr/bin/env node', '// What it is for.'))).toEqual([]);
    expect(openingFindings(holding(`import a from './a.ts';`))).toHaveLength(1);
    expect(openingFindings(holding('// biome-ignore lint: because', 'export {};'))).toHaveLength(1);
    expect(openingFindings(holding(''))).toHaveLength(1);
  });

  test('finds what was left for later', () => {
    expect(leftoverFindings(holding('// TODO: later'))).toHaveLength(1);
    expect(leftoverFindings(holding('', '  /* FIXME */'))).toEqual([
      expect.stringMatching(/^src\/a\.ts:2: found FIXME/),
    ]);
    expect(leftoverFindings(holding('// @ts-ignore'))).toHaveLength(1);
    expect(leftoverFindings(holding('const todo = toDoList;', '// @ts-expect-error why'))).toEqual(
      [],
    );
  });

  test('finds hooks that only the first file would have', () => {
    const hook = 'afterAll(close);';
    expect(hookFindings(holding('', hook))).toHaveLength(1);
    expect(hookFindings(holding('function suite() {', `  ${hook}`, '}'))).toEqual([]);
    expect(hookFindings({ path: 'src/a.test.ts', text: hook })).toEqual([]);
  });

  test.each([
    'export const a = 1;',
    'export function a() {}',
    'export async function a() {}',
    'export class A {}',
    'export abstract class A {}',
    'export interface A {}',
    'export type A = string;',
  ])('asks for a docstring on: %s', (line) => {
    expect(docstringFindings(holding(`import b from './b.ts';`, '', line))).toHaveLength(1);
    expect(docstringFindings(holding('/** Why. */', line))).toEqual([]);
    expect(docstringFindings(holding('/** Why. */', '// biome-ignore lint: x', line))).toEqual([]);
  });

  test('asks once for overloads, and not for what is described elsewhere', () => {
    expect(
      docstringFindings(
        holding(
          '/** Why. */',
          'export function a(x: string): string;',
          'export function a(x: number): number;',
          `export { b } from './b.ts';`,
          '/** Every role. */',
          `export const roles = ['x'] as const;`,
          'export type Role = (typeof roles)[number];',
          `export const notFound = defineError({ title: 'Not found' });`,
        ),
      ),
    ).toEqual([]);
  });
});
