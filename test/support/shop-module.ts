/**
 * A small module with every kind of procedure, for the tests of the layers that run and serve
 * procedures: it shows what they do without any domain around it.
 */
import { z } from 'zod';
import { defineError, RetryableFault, refuse, TerminalFault } from '../../src/kernel/errors.ts';
import { defineEvent } from '../../src/kernel/event.ts';
import { idSchema } from '../../src/kernel/ids.ts';
import { defineModule, type ModuleDefinition } from '../../src/kernel/module.ts';
import {
  defineExternal,
  defineRead,
  defineTransactional,
  type Procedure,
  type ProcedureRunner,
} from '../../src/kernel/procedure.ts';

export const nameTaken = defineError({
  code: 'NAME_TAKEN',
  status: 409,
  title: 'The name belongs to another item.',
});
export const itemNotFound = defineError({
  code: 'ITEM_NOT_FOUND',
  status: 404,
  title: 'The item does not exist.',
});

export const itemCreated = defineEvent({
  name: 'item.created',
  version: 1,
  summary: 'An item was created',
  payload: z.object({ itemId: idSchema, name: z.string() }),
  key: (payload) => payload.itemId,
});

const item = z.object({ itemId: idSchema, name: z.string(), price: z.number() });

const createItem = defineTransactional({
  name: 'shop.create-item',
  summary: 'Create an item',
  input: z.object({
    name: z.string().min(1).max(40),
    price: z.number().positive(),
    cardToken: z.string().min(4).optional(),
  }),
  output: item,
  access: 'authenticated',
  http: { method: 'POST', path: '/items', status: 201 },
  errors: [nameTaken],
  emits: [itemCreated],
  trace: {
    type: 'order_creation',
    service: 'Order Service',
    describe: ({ input, output }) => ({
      name: (input as { name: string }).name,
      ...(output ? { orderId: (output as { itemId: string }).itemId } : {}),
    }),
  },
  async execute({ tx, emit, newId }, { name, price }) {
    const itemId = newId();
    const { rowCount } = await tx.query(
      'insert into shop.item values ($1, $2, $3) on conflict (name) do nothing',
      [itemId, name, String(price)],
    );
    await emit(itemCreated, { itemId, name });
    if (rowCount === 0) {
      return refuse(nameTaken, `expected a new name, found "${name}" in use; choose another`, {
        traceDetails: { staffOnly: 'seen by staff' },
      });
    }
    return { itemId, name, price };
  },
});

const getItem = defineRead({
  name: 'shop.get-item',
  summary: 'Get an item',
  input: z.object({ itemId: idSchema }),
  output: item,
  access: 'public',
  http: { method: 'GET', path: '/items/{itemId}' },
  errors: [itemNotFound],
  async execute({ tx }, { itemId }) {
    const { rows } = await tx.query<{ id: string; name: string; price: string }>(
      'select * from shop.item where id = $1',
      [itemId],
    );
    const [row] = rows;
    if (!row) return refuse(itemNotFound, `expected the id of an item, found ${itemId}`);
    return { itemId: row.id, name: row.name, price: Number(row.price) };
  },
});

const renameItem = defineTransactional({
  name: 'shop.rename-item',
  summary: 'Rename an item',
  input: z.object({ itemId: idSchema, name: z.string().min(1) }),
  output: z.object({ itemId: idSchema, name: z.string() }),
  access: 'authenticated',
  http: { method: 'PATCH', path: '/items/{itemId}' },
  errors: [itemNotFound],
  async execute({ tx }, input) {
    const { rowCount } = await tx.query('update shop.item set name = $2 where id = $1', [
      input.itemId,
      input.name,
    ]);
    if (rowCount === 0) return refuse(itemNotFound, `expected an item, found ${input.itemId}`);
    return input;
  },
});

const removeItem = defineTransactional({
  name: 'shop.remove-item',
  steersLoad: true,
  summary: 'Remove an item',
  input: z.object({ itemId: idSchema }),
  output: z.undefined(),
  access: ['admin'],
  http: { method: 'DELETE', path: '/items/{itemId}', status: 204 },
  errors: [],
  async execute({ tx }, { itemId }) {
    await tx.query('delete from shop.item where id = $1', [itemId]);
    return undefined;
  },
});

const lookUp = defineRead({
  name: 'shop.look-up',
  summary: 'Look something up that takes too long',
  input: z.object({ seconds: z.coerce.number() }),
  output: z.object({}),
  access: 'public',
  http: { method: 'GET', path: '/look-up' },
  errors: [],
  timeoutMs: 60,
  trace: { type: 'data_lookup', service: 'Data Service' },
  async execute({ tx }, { seconds }) {
    await tx.query('select pg_sleep($1)', [seconds]);
    return {};
  },
});

const writeInRead = defineRead({
  name: 'shop.write-in-read',
  summary: 'Break the promise of a read',
  input: z.object({}),
  output: z.object({}),
  access: 'public',
  errors: [],
  async execute({ tx }) {
    await tx.query(`insert into shop.heard (what) values ('written by a read')`);
    return {};
  },
});

const breakDown = defineTransactional({
  name: 'shop.break-down',
  summary: 'Break in the way that is asked for',
  input: z.object({
    how: z.enum(['bug', 'retryable', 'timeout', 'terminal', 'output', 'event', 'undeclared']),
  }),
  output: z.object({ ok: z.literal(true) }),
  access: 'public',
  http: { method: 'POST', path: '/break-down' },
  errors: [],
  emits: [itemCreated],
  async execute({ tx, emit }, { how }) {
    await tx.query('insert into shop.heard (what) values ($1)', [how]);
    if (how === 'bug') throw new Error('the secret internals of the shop');
    if (how === 'retryable') throw new RetryableFault('SHOP_BUSY', 'busy', { retryAfterMs: 2500 });
    if (how === 'timeout') throw new RetryableFault('GATEWAY_TIMEOUT', 'no answer');
    if (how === 'terminal') throw new TerminalFault('SHOP_BURNT', 'nothing is left');
    if (how === 'event') await emit(itemCreated, { itemId: 'no id', name: 'x' });
    if (how === 'undeclared') await emit(undeclared, {});
    return { ok: how !== 'output' } as { ok: true };
  },
});

const undeclared = defineEvent({
  name: 'item.lost',
  version: 1,
  summary: 'Declared by nobody',
  payload: z.object({}),
  key: () => 'x',
});

const receiveWebhook = defineTransactional({
  name: 'shop.receive-webhook',
  summary: 'Hear of something outside',
  input: z.object({ id: z.string().optional(), what: z.string().min(1) }),
  output: z.object({ heard: z.string() }),
  access: ['service'],
  errors: [nameTaken],
  async execute({ tx }, { what }) {
    const { rows } = await tx.query<{ open: boolean }>(
      `select not exists (select 1 from shop.heard where what = 'closed') as open`,
    );
    await tx.query('insert into shop.heard (what) values ($1)', [what]);
    if (what === 'refuse me' && rows[0]?.open) {
      return refuse(nameTaken, 'expected something else; send it again once the shop is closed');
    }
    return { heard: what };
  },
});

/** What the outside of `shop.charge` does on its next calls. */
export interface Outside {
  charge(key: string, signal: AbortSignal): Promise<'charged' | 'declined'>;
  find?(key: string): Promise<'charged' | null>;
}

function charge(outside: Outside) {
  return defineExternal({
    name: 'shop.charge',
    summary: 'Charge for an item',
    input: z.object({ itemId: idSchema, cardToken: z.string() }),
    output: z.object({ key: z.string(), found: z.boolean() }),
    access: 'authenticated',
    http: { method: 'POST', path: '/items/{itemId}/charge' },
    errors: [itemNotFound],
    emits: [itemCreated],
    timeoutMs: 1000,
    trace: { type: 'payment_processing', service: 'Payment Service' },
    async execute({ idempotencyKey, signal, transaction }, { itemId }) {
      const answer = await outside.charge(idempotencyKey, signal);
      if (answer === 'declined') return refuse(itemNotFound, 'declined');
      await transaction(async ({ tx, emit }) => {
        await tx.query('insert into shop.charge values ($1, $2)', [idempotencyKey, itemId]);
        await emit(itemCreated, { itemId, name: 'charged' });
      });
      return { key: idempotencyKey, found: false };
    },
    async reconcile({ idempotencyKey }) {
      const found = await outside.find?.(idempotencyKey);
      return found ? { key: idempotencyKey, found: true } : null;
    },
  });
}

/** Calls others in its own transaction, as ports between modules do. */
function createTwo(runner: () => ProcedureRunner) {
  return defineTransactional({
    name: 'shop.create-two',
    summary: 'Create two items or none',
    input: z.object({ names: z.array(z.string()).length(2), swallow: z.boolean().default(false) }),
    output: z.object({ made: z.number() }),
    access: 'authenticated',
    http: { method: 'POST', path: '/items/two' },
    errors: [nameTaken],
    emits: [itemCreated],
    async execute(context, { names, swallow }) {
      for (const name of names) {
        const made = await runner().run('shop.create-item', { name, price: 1 }, context);
        if (made instanceof Error || swallow) continue;
        if (typeof made === 'object' && made !== null && 'definition' in made) {
          return refuse(nameTaken, 'expected two new names');
        }
      }
      return { made: 2 };
    },
  });
}

/** The module; `outside` is what `shop.charge` reaches, `runner` what `shop.create-two` calls. */
export function shopModule(
  options: {
    readonly outside?: Outside;
    readonly runner?: () => ProcedureRunner;
    readonly more?: readonly Procedure[];
  } = {},
): ModuleDefinition {
  const outside = options.outside ?? { charge: () => Promise.resolve('charged') };
  const runner = () => {
    if (!options.runner) throw new Error('the test gave no runner');
    return options.runner();
  };
  return defineModule({
    name: 'shop',
    summary: 'A shop for tests',
    schema: 'shop',
    migrations: new URL('./shop-migrations/', import.meta.url),
    procedures: [
      createItem,
      getItem,
      renameItem,
      removeItem,
      lookUp,
      writeInRead,
      breakDown,
      receiveWebhook,
      charge(outside),
      createTwo(runner),
      ...(options.more ?? []),
    ],
    events: [itemCreated],
    errors: [nameTaken, itemNotFound],
    webhooks: [
      {
        name: 'shop',
        summary: 'What the outside tells the shop',
        procedure: 'shop.receive-webhook',
        deliveryId: (body) => (body as { id?: string }).id ?? null,
      },
    ],
  });
}

/** The migrations of the test module. */
export const shopMigrations = {
  schema: 'shop',
  folder: new URL('./shop-migrations/', import.meta.url),
} as const;
