/**
 * Properties of random workflows: whatever is composed, the model is sound, and every run of it comes
 * to an end without getting stuck, whichever branches, timers and errors happen.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { DrivenProcess } from '../../../test/support/driven-process.ts';
import { defineError, refuse } from '../../kernel/errors.ts';
import type { ProcessModel } from '../model/process-model.ts';
import type { Flow } from './flow.ts';
import {
  choice,
  compensate,
  condition,
  end,
  fail,
  forEach,
  parallel,
  sequence,
  sleep,
  step,
  subprocess,
  task,
  when,
  workflow,
} from './index.ts';
import type { Known } from './known.ts';
import { problemsOf } from './validate-model.ts';

/** A workflow as a tree; what it means is written down in `place`. */
type Tree =
  | { readonly kind: 'step' | 'undoable' | 'sleep' | 'wait' | 'person' | 'undo' }
  | { readonly kind: 'end' | 'fail' }
  | { readonly kind: 'late'; readonly bodies: readonly [Tree[]] }
  | {
      readonly kind: 'caught' | 'sub' | 'each' | 'all-each' | 'listening' | 'inline';
      readonly bodies: readonly [Tree[]];
    }
  | { readonly kind: 'if' | 'choice' | 'all' | 'race'; readonly bodies: readonly [Tree[], Tree[]] };

const { list } = fc.letrec<{ tree: Tree; list: Tree[] }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({
      kind: fc.constantFrom('step', 'undoable', 'sleep', 'wait', 'person', 'undo'),
    }) as fc.Arbitrary<Tree>,
    fc.record({ kind: fc.constantFrom('end', 'fail') }) as fc.Arbitrary<Tree>,
    fc.record({
      kind: fc.constantFrom('late', 'caught', 'sub', 'each', 'all-each', 'listening', 'inline'),
      bodies: fc.tuple(tie('list')),
    }) as fc.Arbitrary<Tree>,
    fc.record({
      kind: fc.constantFrom('if', 'choice', 'all', 'race'),
      bodies: fc.tuple(tie('list'), tie('list')),
    }) as fc.Arbitrary<Tree>,
  ),
  list: fc.array(tie('tree'), { maxLength: 4, depthIdentifier: 'tree' }),
}));

const output = z.object({ id: z.string() });
const failed = defineError({ code: 'FAILED', status: 409, title: 'Failed' });

/** Writes trees down with fresh ids, and says whether the flow has ended. */
class Author {
  #count = 0;

  /** A flow that stops behind the first element after which nothing can follow. */
  write(flow: Flow<Known>, trees: readonly Tree[]): Flow<Known> {
    return trees.reduce<{ flow: Flow<Known>; over: boolean }>(
      ({ flow: before, over }, tree) =>
        over ? { flow: before, over } : { flow: this.#place(before, tree), over: endsAlways(tree) },
      { flow, over: false },
    ).flow;
  }

  #place(given: Flow<Known>, tree: Tree): Flow<Known> {
    const id = `${tree.kind}-${this.#count++}`;
    // Types are tested elsewhere; here everything goes.
    const flow = given as never as { step(element: unknown): Flow<Known> };
    const body = (index: number) => (inner: never) =>
      this.write(inner, (tree as { bodies: readonly Tree[][] }).bodies[index] ?? []);
    const first = body(0) as never;
    const second = body(1) as never;
    const filter = { id };
    switch (tree.kind) {
      case 'step':
        return flow.step(step({ id, output, execute: ({ engine }) => engine.run('work', { id }) }));
      case 'undoable':
        return flow.step(
          step({
            id,
            output,
            execute: ({ engine }) => engine.run('work', { id }),
            compensate: ({ engine }) => engine.run('undo', { id }),
          }),
        );
      case 'sleep':
        return flow.step(sleep({ id, for: '1h' }));
      case 'wait':
        return flow.step(when({ id, on: 'message', filter, output }));
      case 'late':
        return flow.step(
          when({ id, on: 'message', filter, output, timeout: '1h', onTimeout: first }),
        );
      case 'person':
        return flow.step(task({ id, roles: ['admin'], title: id, subject: () => ({}), output }));
      case 'undo':
        return flow.step(compensate({ id }));
      case 'end':
        return flow.step(end({ id }));
      case 'fail':
        return flow.step(fail({ id, code: 'FAILED', message: id }));
      case 'caught':
        return flow
          .step(step({ id, output, execute: ({ engine }) => engine.run('work', { id }) }))
          .catch({ id: `${id}-error`, code: 'FAILED' }, first);
      case 'sub':
        return flow
          .step(subprocess({ id, body: first }))
          .catch({ id: `${id}-error` }, step({ id: `${id}-handled`, execute: () => null }));
      case 'listening':
        return flow.step(
          subprocess({
            id,
            body: ((inner: Flow<Known>) =>
              this.write(
                (inner as never as { on(...args: unknown[]): Flow<Known> }).on(
                  when({ id: `${id}-event`, on: 'message', filter, output }),
                  first,
                ),
                [{ kind: 'wait' }],
              )) as never,
          }),
        );
      case 'each':
      case 'all-each':
        return flow.step(
          forEach({
            id,
            items: () => [1, 2],
            body: first,
            mode: tree.kind === 'each' ? 'sequential' : 'parallel',
          }),
        );
      case 'inline':
        return flow.step(sequence(first));
      case 'if':
        return flow.step(
          condition({
            id,
            predicate: () => id.length % 2 === 0,
            whenTrue: first,
            whenFalse: second,
          }),
        );
      case 'choice':
        return flow.step(
          choice({
            id,
            on: (): string => (id.length % 2 === 0 ? 'a' : 'z'),
            cases: { a: first },
            otherwise: second,
          }),
        );
      case 'all':
        return flow.step(parallel({ id, branches: { a: first, b: second } }));
      case 'race':
        return flow.step(parallel({ id, branches: { a: first, b: second }, waitForAll: false }));
    }
  }
}

function endsAlways(tree: Tree): boolean {
  const each = (bodies: readonly Tree[][]) => bodies.map((body) => body.some(endsAlways));
  switch (tree.kind) {
    case 'end':
    case 'fail':
      return true;
    case 'if':
    case 'choice':
    case 'all':
      return each(tree.bodies).every(Boolean);
    case 'inline':
      return each(tree.bodies).every(Boolean);
    default:
      return false;
  }
}

function written(trees: readonly Tree[]): ProcessModel {
  const flow = workflow('random', { version: 1, input: z.object({}) });
  return (
    new Author().write(flow as never, trees) as never as { commit(): { model: ProcessModel } }
  ).commit().model;
}

describe('any composition', () => {
  it('compiles to a sound model', () => {
    fc.assert(
      fc.property(list, (trees) => {
        const model = written(trees);
        expect([...problemsOf(model)]).toEqual([]);
        const nodes = Object.values(model.nodes);
        expect(
          nodes.filter(({ type, parent }) => type === 'startEvent' && parent === null),
        ).toHaveLength(1);
        for (const node of nodes) {
          if (node.type !== 'parallelGateway') continue;
          // What is split is not joined by the same gateway.
          expect(Math.min(node.incoming.length, node.outgoing.length)).toBeLessThanOrEqual(1);
        }
        expect(Object.isFrozen(model) && nodes.every(Object.isFrozen)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('runs to an end, whatever happens in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(list, fc.infiniteStream(fc.nat(1000)), async (trees, chance) => {
        const next = () => chance.next().value ?? 0;
        const run = new DrivenProcess(written(trees), {
          work: ({ id }: { id: string }) => (next() % 5 === 0 ? refuse(failed, id) : { id }),
          undo: ({ id }: { id: string }) => ({ id }),
        });
        await run.start({});
        for (let events = 0; !run.ended && events < 500; events += 1) {
          // An unhandled refusal waits for a person, which is an end of its own.
          if (run.incidents.length > 0) break;
          const { waits } = run;
          expect(waits.length, `stuck: ${JSON.stringify(run.state)}`).toBeGreaterThan(0);
          const { wait } = waits[next() % waits.length]!;
          if (wait.kind === 'timer') await run.timer(wait.on);
          else if (wait.kind === 'task') await run.complete(wait.on, { id: wait.on });
          else if (wait.kind === 'message')
            await run.message('message', { id: decodeURIComponent(wait.key.slice('id='.length)) });
        }
        const stuck = run.incidents.filter((incident) => !incident.includes(': FAILED: '));
        expect(stuck).toEqual([]);
        expect(run.ended !== null || run.incidents.length > 0).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
