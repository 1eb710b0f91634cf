/**
 * The modules of the program. Adding one is one line in the list; what a module needs of another one
 * is wired here, by calling the other one's procedure in the same transaction.
 */
import { type Engine, engineModule, type Person, type TaskGroups } from '../engine/index.ts';
import {
  type EventLog,
  eventsModule,
  type Kafka,
  kafkaModule,
  type WebhookParts,
  webhooksModule,
} from '../events/index.ts';
import { processCaller } from '../kernel/caller.ts';
import type { Clock } from '../kernel/clock.ts';
import { assert, isRefusal, refusalText } from '../kernel/errors.ts';
import type { ModuleDefinition } from '../kernel/module.ts';
import { type Currency, parseMoney } from '../kernel/money.ts';
import type { ProcedureRunner } from '../kernel/procedure.ts';
import type { TraceContext } from '../kernel/trace.ts';
import type { Transaction } from '../kernel/transaction.ts';
import { billingOrdersModule, type Workflows } from '../modules/billing-orders/index.ts';
import { catalogModule } from '../modules/catalog/index.ts';
import { deliveryModule } from '../modules/delivery/index.ts';
import { inventoryModule } from '../modules/inventory/index.ts';
import { notificationsModule } from '../modules/notifications/index.ts';
import { ordersModule } from '../modules/orders/index.ts';
import { paymentsModule } from '../modules/payments/index.ts';
import { supportModule } from '../modules/support/index.ts';
import { traceEventsModule } from '../modules/trace-events/index.ts';
import { createTokenService, type TokenService, usersModule } from '../modules/users/index.ts';
import type { Integrations } from './integrations.ts';
import type { Secrets } from './secrets.ts';
import type { AskingDatabase } from './services/answers-between.ts';

/** What modules are made of. Runner and engine are looked up later, since they are made of modules. */
export interface ModuleParts {
  readonly runner: () => ProcedureRunner;
  readonly engine: () => Engine;
  readonly eventLog: () => EventLog;
  /** Null when the program does not use Kafka. */
  readonly kafka: () => Kafka | null;
  readonly integrations: Pick<Integrations, 'payments' | 'courier' | 'mail' | 'billing'>;
  readonly tokens: TokenService;
  readonly encryptionKey: Uint8Array;
  readonly webhooks: Pick<WebhookParts, 'changed' | 'allowPrivate' | 'eventNames'>;
  /** Which modules run here; the others are another service's. @defaultValue all */
  readonly has?: (module: string) => boolean;
  /** Asks another service in the middle of a transaction. */
  readonly askElsewhere?: AskingDatabase['ask'];
  /** Groups beside the roles, by the roles whose holders belong to them. */
  readonly taskGroups?: TaskGroups;
  /** How long nothing may be heard before an outside system is asked. @defaultValue those of the modules */
  readonly checkAfterMs?: { readonly payments: number; readonly delivery: number };
}

/** Every module of the program. */
export function createModules(parts: ModuleParts): readonly ModuleDefinition[] {
  const { integrations, tokens, encryptionKey, checkAfterMs, has = () => true } = parts;
  const ask = askOtherModules(parts.runner, parts.askElsewhere);
  const users = {
    exists: async (tx: Transaction, userId: string, trace: TraceContext) =>
      (await ask('users.get', { userId }, tx, trace)) !== null,
    async find(tx: Transaction, userId: string, trace: TraceContext) {
      const user = await ask<{ email: string; name: string }>('users.get', { userId }, tx, trace);
      return user && { email: user.email, name: user.name };
    },
    findPerson: (tx: Transaction, reference: string, trace: TraceContext) =>
      ask<Person>('users.find', { reference }, tx, trace),
  };
  const catalog = {
    async getProducts(tx: Transaction, productIds: readonly string[], trace: TraceContext) {
      const found = await ask<{ products: readonly WireProduct[] }>(
        'catalog.get-products',
        { productIds },
        tx,
        trace,
      );
      return (found?.products ?? []).map((product) => ({ ...product, price: priceOf(product) }));
    },
  };
  const orders = {
    async find(tx: Transaction, orderId: string, trace: TraceContext) {
      const order = await ask<WireOrder>('orders.get', { orderId }, tx, trace);
      return order && { ...order, total: wireMoney(order.totalAmount, order.currency) };
    },
  };
  const payments = {
    async isPaid(tx: Transaction, orderId: string, trace: TraceContext) {
      const page = await ask<{ items: readonly { status: string }[] }>(
        'payments.list-for-order',
        { orderId },
        tx,
        trace,
      );
      return page?.items.some(({ status }) => status === 'processed') ?? false;
    },
  };
  const { payments: provider, courier, mail, billing } = integrations;
  const paymentsCheck = checkAfterMs && { checkAfterMs: checkAfterMs.payments };
  const deliveryCheck = checkAfterMs && { checkAfterMs: checkAfterMs.delivery };
  const all: ModuleDefinition[] = [
    usersModule({ tokens }),
    catalogModule(),
    ordersModule({ users, catalog }),
    ...(provider ? [paymentsModule({ provider, orders, encryptionKey, ...paymentsCheck })] : []),
    inventoryModule(),
    ...(courier ? [deliveryModule({ courier, orders, payments, ...deliveryCheck })] : []),
    notificationsModule({ mail, users }),
    supportModule(),
    ...(billing
      ? [billingOrdersModule({ systems: billing, workflows: drawnWorkflows(parts.engine) })]
      : []),
    traceEventsModule(),
    eventsModule({ eventLog: parts.eventLog, events: () => all.flatMap(({ events }) => events) }),
    webhooksModule({
      ...parts.webhooks,
      encryptionKey,
      horizon: () => parts.eventLog().horizon(),
      positionBefore: (moment) => parts.eventLog().positionBefore(moment),
    }),
    kafkaModule({ kafka: parts.kafka }),
    engineModule({
      engine: parts.engine,
      runner: parts.runner,
      people: { find: users.findPerson, groups: parts.taskGroups ?? {} },
    }),
  ];
  return all.filter(({ name }) => has(name));
}

/** Starts processes of the engine in the transaction of whoever asks. */
function drawnWorkflows(engine: () => Engine): Workflows {
  return {
    async start(tx, { process, input, startKey, trace }) {
      const started = await engine().startProcess({ process, input, startKey, trace, tx });
      assert(
        !isRefusal(started),
        `expected process "${process}" to start, found: ${isRefusal(started) ? started.detail : ''}`,
      );
      const version = engine().model(process)?.version ?? 1;
      return { instanceId: started.instanceId, definitionId: `${process}:${version}` };
    },
  };
}

/** The service that makes and checks access tokens. */
export function tokensOf(secrets: Secrets, clock: Clock): TokenService {
  return createTokenService({
    secrets: secrets.tokens.map((secret, index) => ({
      id: `k${secrets.tokens.length - index}`,
      algorithm: 'HS256',
      secret,
    })),
    issuer: 'orderloom',
    clock,
  });
}

interface WireProduct {
  readonly id: string;
  readonly name: string;
  readonly price: number;
  readonly currency: Currency;
  readonly physical: boolean;
  readonly active: boolean;
}

interface WireOrder {
  readonly id: string;
  readonly userId: string;
  readonly status: string;
  readonly totalAmount: number;
  readonly currency: Currency;
}

function priceOf(product: WireProduct) {
  return wireMoney(product.price, product.currency);
}

function wireMoney(amount: number, currency: Currency) {
  const read = parseMoney(amount, currency);
  assert(read, `expected an amount in ${currency} from another module, found ${amount}`);
  return read;
}

/**
 * Asks another module in the same transaction, or the service where it runs; null when it refuses because
 * there is no such thing.
 */
function askOtherModules(
  runner: () => ProcedureRunner,
  askElsewhere: AskingDatabase['ask'] = (_, fetchAnswer) => fetchAnswer(),
) {
  return async <Answer>(
    procedure: string,
    input: unknown,
    tx: Transaction,
    trace: TraceContext,
  ): Promise<Answer | null> => {
    const call = { caller: processCaller, trace };
    const isElsewhere = runner().find(procedure)?.effect === 'external';
    const answer = isElsewhere
      ? await askElsewhere(`${procedure} ${JSON.stringify(input)}`, () =>
          runner().run(procedure, input, call),
        )
      : await runner().run(procedure, input, { ...call, tx });
    if (!isRefusal(answer)) return answer as Answer;
    assert(
      answer.definition.status === 404,
      `"${procedure}" refused another module with ${answer.code}: ${refusalText(answer)}`,
    );
    return null;
  };
}
