/** Type tests: what each place of a workflow knows. Compiled by `tsc`, never run. */
import { describe, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { defineEvent } from '../../kernel/event.ts';
import { defineTransactional } from '../../kernel/procedure.ts';
import {
  call,
  choice,
  compensate,
  condition,
  end,
  fail,
  forEach,
  type InferInput,
  type InferOutput,
  parallel,
  sequence,
  sleep,
  step,
  subprocess,
  task,
  when,
  workflow,
} from './index.ts';

const order = z.object({ id: z.string(), total: z.number() });
const onOrder = when({ id: 'on-order', on: 'orders.create', mode: 'after', output: order });
const begin = () => workflow('p', { version: 1 }).step(onOrder);

const number = <const Id extends string>(id: Id) =>
  step({
    id,
    input: z.object({ n: z.number() }),
    output: z.object({ n: z.number() }),
    execute: ({ inputData }) => inputData,
  });
const text = <const Id extends string>(id: Id) =>
  step({ id, output: z.object({ text: z.string() }), execute: () => ({ text: 'x' }) });

describe('a step', () => {
  it('is given what its schema reads and gives what its schema reads', () => {
    step({
      id: 'a',
      input: z.object({ amount: z.string().transform(Number) }),
      output: z.object({ done: z.boolean() }),
      execute: ({ inputData }) => {
        expectTypeOf(inputData).toEqualTypeOf<{ amount: number }>();
        return { done: true };
      },
      compensate: ({ output }) => {
        expectTypeOf(output).toEqualTypeOf<{ done: boolean } | undefined>();
      },
    });
    step({
      id: 'a',
      output: z.object({ done: z.boolean() }),
      // @ts-expect-error the output schema wants a boolean
      execute: () => ({ done: 'yes' }),
    });
  });

  it('reads a procedure by name through its output schema, one by definition as it is', () => {
    const get = defineTransactional({
      name: 'a.get',
      summary: 'Get.',
      input: z.object({ id: z.string() }),
      output: z.object({ total: z.number() }),
      access: 'public',
      errors: [],
      execute: async () => ({ total: 1 }),
    });
    step({ id: 'a', output: order, execute: ({ engine }) => engine.run('orders.get', {}) });
    step({
      id: 'a',
      output: z.object({ total: z.number() }),
      execute: ({ engine }) => engine.run(get, { id: 'x' }),
    });
    // @ts-expect-error the procedure gives no `id`
    step({ id: 'a', output: order, execute: ({ engine }) => engine.run(get, { id: 'x' }) });
    // @ts-expect-error the procedure wants an id
    step({ id: 'a', execute: ({ engine }) => engine.run(get, {}) });
    step({
      id: 'a',
      execute: async ({ engine }) => {
        const found = await engine.run('orders.get', {});
        // @ts-expect-error nobody knows what a name gives before a schema has read it
        return found.total;
      },
    });
  });

  it('takes the previous output where it fits, and asks for a mapping where not', () => {
    const flow = begin().step(number('first'), ({ steps, input }) => {
      expectTypeOf(steps['on-order']).toEqualTypeOf<{ id: string; total: number }>();
      expectTypeOf(input).toEqualTypeOf<{ id: string; total: number }>();
      return { n: steps['on-order'].total };
    });
    flow.step(number('second')).step(number('third'));
    // @ts-expect-error a mapping is needed
    begin().step(number('first'));
    // @ts-expect-error the mapping gives no number
    begin().step(number('first'), () => ({ n: 'x' }));
    // @ts-expect-error there is no such step
    begin().step(number('first'), ({ steps }) => ({ n: steps.nope }));
  });

  it('is given the previous output as it is when it declares no input', () => {
    begin().step(
      step({
        id: 'a',
        execute: ({ inputData, steps }) => {
          expectTypeOf(inputData).toEqualTypeOf<{ id: string; total: number }>();
          expectTypeOf(steps['on-order'].total).toEqualTypeOf<number>();
        },
      }),
    );
  });

  it('has an id of its own', () => {
    // @ts-expect-error the id is used already
    begin().step(text('a')).step(text('a'));
  });
});

describe('a condition', () => {
  const known = begin().step(text('before'));

  it('leaves the steps of its branches perhaps undone', () => {
    known
      .step(
        condition({
          id: 'c',
          predicate: ({ steps, inputData }) => steps.before.text === inputData.text,
          whenTrue: (flow) =>
            flow.step(number('yes'), ({ steps }) => ({ n: steps.before.text.length })),
          whenFalse: text('no'),
        }),
      )
      .step(
        text('after'),
        // @ts-expect-error a step without an input schema takes no mapping
        () => ({}),
      );
    known
      .step(
        condition({
          id: 'c',
          predicate: () => true,
          whenTrue: (flow) => flow.step(number('yes'), () => ({ n: 1 })),
          whenFalse: text('no'),
        }),
      )
      .step(number('after'), ({ steps, inputData }) => {
        expectTypeOf(steps.yes).toEqualTypeOf<{ n: number } | undefined>();
        expectTypeOf(steps.no).toEqualTypeOf<{ text: string } | undefined>();
        expectTypeOf(steps.before).toEqualTypeOf<{ text: string }>();
        expectTypeOf(inputData).toEqualTypeOf<{ n: number } | { text: string }>();
        return { n: 1 };
      });
  });

  it('makes certain what the only way on has done', () => {
    known
      .step(
        condition({
          id: 'c',
          predicate: () => true,
          whenTrue: (flow) => flow.step(number('yes'), () => ({ n: 1 })),
          whenFalse: (flow) => flow.step(text('no')).step(end({ id: 'stopped' })),
        }),
      )
      .step(number('after'), ({ steps, inputData }) => {
        expectTypeOf(steps.yes).toEqualTypeOf<{ n: number }>();
        expectTypeOf(inputData).toEqualTypeOf<{ n: number }>();
        // @ts-expect-error the way with this step has ended
        steps.no;
        return { n: 1 };
      });
  });

  it('lets nothing follow an end', () => {
    // @ts-expect-error the flow has ended
    known.step(end({ id: 'stopped' })).step(text('after'));
    known
      .step(
        condition({
          id: 'c',
          predicate: () => true,
          whenTrue: end({ id: 'a' }),
          whenFalse: fail({ id: 'b', code: 'B', message: 'b' }),
        }),
      )
      // @ts-expect-error both ways have ended
      .step(text('after'));
  });

  it('chooses among values, all of them or with an otherwise', () => {
    const kind = step({
      id: 'kind',
      output: z.object({ kind: z.enum(['a', 'b']) }),
      execute: () => ({ kind: 'a' as const }),
    });
    begin()
      .step(kind)
      .step(
        choice({
          id: 'by-kind',
          on: ({ steps }) => steps.kind.kind,
          cases: { a: (flow) => flow.step(number('in-a'), () => ({ n: 1 })), b: text('in-b') },
        }),
      )
      .step(number('after'), ({ steps }) => {
        expectTypeOf(steps['in-a']).toEqualTypeOf<{ n: number } | undefined>();
        return { n: steps['in-b']?.text.length ?? 0 };
      });
    begin()
      .step(kind)
      .step(
        // @ts-expect-error "b" is missing
        choice({ id: 'by-kind', on: ({ steps }) => steps.kind.kind, cases: { a: text('in-a') } }),
      );
  });
});

describe('waits', () => {
  it('read functions where the workflow knows', () => {
    begin().step(
      when({
        id: 'w',
        on: ['a.b', 'a.c'],
        filter: {
          orderId: ({ steps }) => {
            expectTypeOf(steps['on-order'].id).toEqualTypeOf<string>();
            return steps['on-order'].id;
          },
        },
        output: z.object({ ok: z.boolean() }),
        timeout: ({ input }) => input.total,
      }),
    );
  });

  it('take the payload of a definition', () => {
    const paid = defineEvent({
      name: 'x.paid',
      version: 1,
      summary: 's',
      payload: z.object({ amount: z.number() }),
      key: () => '',
    });
    begin()
      .step(when({ id: 'w', on: paid, filter: { amount: 1 } }))
      .step(number('after'), ({ steps }) => ({ n: steps.w.amount }));
  });

  it('are answered for certain only when the deadline ends', () => {
    const wait = {
      id: 'w',
      on: 'a',
      filter: { a: 1 },
      output: z.object({ ok: z.boolean() }),
      timeout: '24h',
    } as const;
    begin()
      .step(when({ ...wait, onTimeout: (flow) => flow.step(text('late')) }))
      .step(number('after'), ({ steps }) => {
        expectTypeOf(steps.w).toEqualTypeOf<{ ok: boolean } | undefined>();
        expectTypeOf(steps.late).toEqualTypeOf<{ text: string } | undefined>();
        return { n: 1 };
      });
    begin()
      .step(
        when({
          ...wait,
          onTimeout: (flow) => flow.step(text('late')).step(end({ id: 'too-late' })),
        }),
      )
      .step(number('after'), ({ steps }) => {
        expectTypeOf(steps.w).toEqualTypeOf<{ ok: boolean }>();
        return { n: 1 };
      });
  });

  it('of people likewise', () => {
    begin()
      .step(
        task({
          id: 't',
          roles: ['manager'],
          title: ({ input }) => `Order ${input.id}`,
          subject: ({ input }) => ({ total: input.total }),
          output: z.object({ approved: z.boolean() }),
          completedBy: {
            on: 'orders.trigger.approved',
            filter: { orderId: ({ input }) => input.id },
          },
          timeout: '24h',
          onTimeout: (flow) => flow.step(text('late')).step(end({ id: 'too-late' })),
        }),
      )
      .step(number('after'), ({ steps }) => ({ n: Number(steps.t.approved) }));
  });
});

describe('errors', () => {
  it('leave the failed step without an output, unless the handler ends', () => {
    const failing = begin().step(text('before')).step(text('risky'));
    failing
      .catch({ id: 'failed', code: 'NO' }, (flow) =>
        flow.step(number('handled'), ({ steps, inputData }) => {
          expectTypeOf(inputData.code).toEqualTypeOf<string>();
          expectTypeOf(steps.failed.message).toEqualTypeOf<string>();
          // @ts-expect-error it failed
          steps.risky;
          return { n: steps.before.text.length };
        }),
      )
      .step(number('after'), ({ steps }) => {
        expectTypeOf(steps.risky).toEqualTypeOf<{ text: string } | undefined>();
        expectTypeOf(steps.before).toEqualTypeOf<{ text: string }>();
        return { n: 1 };
      });
    failing
      .catch({ id: 'failed' }, (flow) => flow.step(end({ id: 'given-up' })))
      .step(number('after'), ({ steps }) => ({ n: steps.risky.text.length }));
  });
});

describe('branches side by side', () => {
  it('are all known after all are done', () => {
    begin()
      .step(
        parallel({
          id: 'both',
          branches: {
            one: (flow) => flow.step(number('one'), ({ input }) => ({ n: input.total })),
            two: text('two'),
          },
        }),
      )
      .step(number('after'), ({ steps, inputData }) => {
        expectTypeOf(inputData.total).toEqualTypeOf<number>();
        return { n: steps.one.n + steps.two.text.length };
      });
    begin()
      .step(parallel({ id: 'both', branches: [text('one'), text('two')] }))
      .step(number('after'), ({ steps }) => ({ n: steps.one.text.length + steps.two.text.length }));
  });

  it('tell who won', () => {
    begin()
      .step(
        parallel({
          id: 'race',
          waitForAll: false,
          branches: {
            fast: (flow) => flow.step(number('fast'), () => ({ n: 1 })),
            slow: text('slow'),
          },
        }),
      )
      .step(number('after'), ({ steps: { race } }) => {
        if (race.branch === 'fast') return { n: race.output.n };
        return { n: race.output.text.length };
      });
  });
});

describe('scopes', () => {
  it('show only their result', () => {
    begin()
      .step(subprocess({ id: 'sub', body: (flow) => flow.step(text('inner')) }))
      .step(number('after'), ({ steps }) => {
        expectTypeOf(steps.sub).toEqualTypeOf<{ text: string }>();
        // @ts-expect-error steps of a subprocess are its own
        steps.inner;
        return { n: 1 };
      });
  });

  it('of loops know the item', () => {
    begin()
      .step(
        forEach({
          id: 'each',
          items: ({ input }) => [input.total],
          body: (flow) =>
            flow.step(number('inner'), ({ inputData, steps }) => {
              expectTypeOf(steps['each.item']).toEqualTypeOf<number>();
              return { n: inputData };
            }),
        }),
      )
      .step(number('after'), ({ steps }) => {
        expectTypeOf(steps.each).toEqualTypeOf<{ n: number }[]>();
        return { n: 1 };
      });
  });

  it('of event handlers know for certain only what was known when they began to listen', () => {
    begin()
      .step(text('a'))
      .on(
        when({
          id: 'stop',
          on: 'x',
          filter: { orderId: ({ steps }) => steps['on-order'].id },
          output: order,
        }),
        (flow) =>
          flow.step(compensate({ id: 'undo' })).step(number('mail'), ({ steps, inputData }) => {
            expectTypeOf(inputData.total).toEqualTypeOf<number>();
            expectTypeOf(steps.a).toEqualTypeOf<{ text: string } | undefined>();
            return { n: steps['on-order'].total + steps.stop.total };
          }),
      )
      .step(text('b'));
  });
});

describe('a workflow', () => {
  it('tells what it takes and gives', () => {
    const child = workflow('child', {
      version: 1,
      input: z.object({ n: z.coerce.number() }),
      businessKey: ({ input }) => String(input.n),
    })
      .step(number('double'))
      .commit();
    expectTypeOf<InferInput<typeof child>>().toEqualTypeOf<{ n: unknown }>();
    expectTypeOf<InferOutput<typeof child>>().toEqualTypeOf<{ n: number }>();
    begin()
      .step(call({ id: 'child', workflow: child }), ({ input }) => ({ n: input.total }))
      .step(number('after'), ({ steps }) => steps.child);

    const early = workflow('early', { version: 1, input: z.object({}) })
      .step(condition({ id: 'c', predicate: () => true, whenTrue: end({ id: 'stop' }) }))
      .step(text('a'))
      .commit();
    expectTypeOf<InferOutput<typeof early>>().toEqualTypeOf<{ text: string } | null>();
    const triggered = begin().commit();
    expectTypeOf<InferInput<typeof triggered>>().toBeNever();
  });

  it('is committed as a whole only', () => {
    // @ts-expect-error a body cannot be committed
    begin().step(subprocess({ id: 'sub', body: (flow) => flow.step(text('a')).commit() }));
  });

  it('hands on the output of elements that have none', () => {
    begin()
      .step(sleep({ id: 'z', for: '1h' }))
      .step(number('after'), ({ inputData }) => ({ n: inputData.total }));
  });
});

describe('a sequence', () => {
  it('chains elements that fit', () => {
    const both = sequence(number('one'), number('two'));
    begin()
      .step(both, ({ input }) => ({ n: input.total }))
      .step(number('after'), ({ steps }) => ({ n: steps.one.n + steps.two.n }));
    // @ts-expect-error text does not fit a number
    sequence(text('one'), number('two'));
  });

  it('takes a body', () => {
    begin().step(sequence((flow) => flow.step(text('one')).step(text('two'))));
  });
});

describe('a migration', () => {
  const next = workflow('p', { version: 2 })
    .step(onOrder)
    .step(number('one'), () => ({ n: 1 }));

  it('gives outputs of the steps that the new version has', () => {
    next.migrateFrom(1, {
      state: z.object({ one: z.object({ count: z.number() }) }),
      variables: (old) => {
        expectTypeOf(old).toEqualTypeOf<{ one: { count: number } }>();
        return { one: { n: old.one.count } };
      },
    });
    next.migrateFrom(1, { variables: () => ({ one: undefined }) });
  });

  it('knows the types of their outputs', () => {
    // @ts-expect-error `n` is a number
    next.migrateFrom(1, { variables: () => ({ one: { n: 'x' } }) });
    // @ts-expect-error what no schema has read is of no known type
    next.migrateFrom(1, { variables: (old) => ({ one: { n: old.one } }) });
  });

  it('belongs to a workflow, not to a branch', () => {
    // @ts-expect-error a body has no versions
    begin().step(sequence((flow) => flow.step(text('one')).migrateFrom(1, {})));
  });
});

describe('queries and updates', () => {
  const told = begin().update({
    id: 'note',
    input: z.object({ text: z.string() }),
    check: ({ data, steps, input }) => {
      expectTypeOf(data).toEqualTypeOf<{ text: string }>();
      expectTypeOf(steps.note).toEqualTypeOf<{ text: string } | undefined>();
      expectTypeOf(input.total).toBeNumber();
      return null;
    },
  });

  it('what was told may be read behind it, and need not have been', () => {
    told.step(number('one'), ({ steps }) => {
      expectTypeOf(steps.note).toEqualTypeOf<{ text: string } | undefined>();
      return { n: steps.note?.text.length ?? 0 };
    });
    // @ts-expect-error nobody may have told it
    told.step(number('one'), ({ steps }) => ({ n: steps.note.text.length }));
  });

  it('a query sees an instance at any moment, so every step may be yet to come', () => {
    told
      .step(number('one'), () => ({ n: 1 }))
      .query({
        id: 'q',
        output: z.number().optional(),
        read: ({ steps }) => {
          expectTypeOf(steps.one).toEqualTypeOf<{ n: number } | undefined>();
          return steps.one?.n;
        },
      });
    // @ts-expect-error text is no number
    told.query({ id: 'q', output: z.number(), read: () => 'x' });
  });

  it('belong to a workflow, not to a branch', () => {
    begin().step(
      sequence((flow) =>
        flow
          .step(text('one'))
          // @ts-expect-error a body cannot be asked
          .query({ id: 'q', output: z.null(), read: () => null }),
      ),
    );
  });
});
