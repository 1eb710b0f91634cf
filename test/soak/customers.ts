/**
 * The load: customers who order, pay and change their minds, a manager who decides, a courier who
 * delivers. Each does its part whenever the program has come that far, and repeats what was not
 * answered; none of them knows what is broken at the moment.
 */
import { randomUUID } from 'node:crypto';
import { sandboxApiKey } from '../../src/integrations/sandbox/sandbox.ts';
import { demoUsers } from '../../src/modules/users/index.ts';
import { patientClient } from '../support/patient-client.ts';
import { tokenOf } from '../support/real-use.ts';
import type { Draw } from './draw.ts';
import type { Place } from './place.ts';

/** What a customer and the others will do about one order. */
interface Plan {
  readonly productId: string;
  readonly quantity: number;
  readonly card: string;
  readonly approved: boolean;
  /** Cancels so long after ordering; null: does not. */
  readonly cancelAfterMs: number | null;
  readonly delivery: 'delivered' | 'failed';
}

/** What is known of an order inside the program. */
interface Seen {
  readonly id: string;
  readonly status: string;
  readonly approval: string;
  readonly completed: boolean;
  /** Process instances about it that have not ended. */
  readonly open: number;
  readonly incidents: number;
  readonly tickets: number;
}

/** The customers at work. */
export interface Customers {
  /** Orders that were answered with 201. */
  readonly placed: readonly string[];
  /** Takes no more orders and resolves when every order has come to its end, or is known to be stuck. */
  finish(withinMs: number): Promise<{
    readonly unsettled: readonly string[];
    /** What customers were not answered, or answered wrongly, in words. */
    readonly troubles: readonly string[];
  }>;
}

const customerCount = 24;
const lookEveryMs = 200;
/** Orders under way at the same time. More would only measure how long they stand in line. */
const mostUnderWay = 40;

const seenQuestion = `
  select o.id, o.status::text as status, o.approval::text as approval,
         o.completed_at is not null as completed,
         (select count(*)::int from engine.instance i where i.business_key = o.id::text
             and i.ended_at is null) as open,
         (select count(*)::int from engine.incident n where n.business_key = o.id::text
             and n.closed_at is null) as incidents,
         (select count(*)::int from support.tickets t where t.order_id = o.id
             and t.status = 'open') as tickets
    from orders.orders o where o.id = any($1::uuid[])`;

/** Begins to place orders, so many a second at most. */
export async function beginCustomers(
  place: Place,
  draw: Draw,
  ordersPerSecond: number,
): Promise<Customers> {
  const client = patientClient(place.door.url);
  const tokens = await registerCustomers(place);
  const managerToken = await tokenOf(demoUsers.manager);
  const placed: string[] = [];
  const troubles: string[] = [];
  const underWay = new Map<string, Promise<void>>();
  const seen = new Map<string, Seen>();
  let isOver = false;
  let givenUp = false;
  const pause = (forMs: number) => new Promise<void>((resolve) => setTimeout(resolve, forMs));

  const looking = (async () => {
    while (!isOver || underWay.size > 0) {
      if (givenUp) return;
      try {
        const { rows } = await place.database.query<Seen>(seenQuestion, [[...underWay.keys()]]);
        for (const row of rows) seen.set(row.id, row);
      } catch {
        // PostgreSQL is away; what was seen last still tells enough.
      }
      await pause(lookEveryMs);
    }
  })();

  async function place1(plan: Plan, token: string): Promise<string> {
    const answer = await client.post('/api/v1/orders', {
      token,
      key: randomUUID(),
      body: {
        items: [{ productId: plan.productId, quantity: plan.quantity }],
        shippingAddress: {
          line1: 'Hafenstr. 1',
          city: 'Hamburg',
          postalCode: '20457',
          country: 'DE',
        },
      },
    });
    if (answer.status !== 201) {
      throw new Error(`expected 201, found ${answer.status} ${JSON.stringify(answer.body)}`);
    }
    return answer.body.id as string;
  }

  async function live(id: string, plan: Plan, token: string): Promise<void> {
    const began = performance.now();
    const done = { decided: false, cancelled: false, paid: '' };
    for (;;) {
      await pause(lookEveryMs);
      if (givenUp) return;
      const order = seen.get(id);
      if (!order) continue;
      if (isSettled(order)) return;
      const { cancelAfterMs } = plan;
      if (cancelAfterMs !== null && !done.cancelled && performance.now() - began > cancelAfterMs) {
        done.cancelled = true;
        // Answered with a refusal when it was too late, which is an answer.
        await client.post(`/api/v1/orders/${id}/cancel`, {
          token,
          body: { reason: 'Changed my mind' },
        });
      }
      if (order.approval === 'pending' && !done.decided) {
        done.decided = true;
        const body = { orderId: id, approved: plan.approved };
        await client.post('/api/v1/orders/approve', { token: managerToken, body });
      }
      if (done.paid === '') done.paid = await pay(place, id, plan.card);
      await deliver(place, id, plan.delivery);
    }
  }

  const ordering = (async () => {
    while (!isOver) {
      await pause((1_000 / ordersPerSecond) * (0.5 + draw.chance()));
      if (isOver || underWay.size >= mostUnderWay) continue;
      const plan = drawPlan(draw);
      const token = tokens[draw.between(0, tokens.length - 1)]!;
      const key = randomUUID();
      const whole = (async () => {
        const id = await place1(plan, token);
        placed.push(id);
        underWay.set(id, underWay.get(key)!);
        await live(id, plan, token).finally(() => underWay.delete(id));
      })()
        .catch((error: unknown) => void troubles.push(String(error)))
        .finally(() => underWay.delete(key));
      underWay.set(key, whole);
    }
  })();

  return {
    placed,
    async finish(withinMs) {
      isOver = true;
      await ordering;
      const timer = setTimeout(() => {
        givenUp = true;
      }, withinMs);
      while (underWay.size > 0) await Promise.all(underWay.values());
      clearTimeout(timer);
      await looking;
      const unsettled = placed.filter((id) => {
        const order = seen.get(id);
        return !order || !isSettled(order);
      });
      return { unsettled, troubles };
    },
  };
}

/** Nothing more will happen by itself, and if something is wrong, somebody has been told. */
function isSettled({ status, completed, open, incidents, tickets }: Seen): boolean {
  if (incidents > 0) return true;
  if (status === 'shipped') return tickets > 0;
  return open === 0 && (completed || ['cancelled', 'refunded', 'returned'].includes(status));
}

function drawPlan(draw: Draw): Plan {
  return {
    productId: draw.oneOf([
      [12, 'prod-100'],
      [2, 'prod-roaster-60'],
      [2, 'prod-brewing-course'],
      [1, 'prod-anniversary-cup'],
    ]),
    quantity: draw.between(1, 2),
    card: draw.oneOf([
      [8, 'tok_visa'],
      [1, 'tok_declined'],
      [1, 'tok_insufficient_funds'],
    ]),
    approved: draw.chance() < 0.8,
    cancelAfterMs: draw.chance() < 0.15 ? draw.between(0, 6_000) : null,
    delivery: draw.chance() < 0.92 ? 'delivered' : 'failed',
  };
}

async function registerCustomers(place: Place): Promise<string[]> {
  const password = 'a long enough password';
  const client = patientClient(place.door.url);
  const tokens: string[] = [];
  for (let n = 1; n <= customerCount; n += 1) {
    const email = `customer-${n}@soak.example`;
    await client.post('/api/v1/users', { body: { email, password, name: `Customer ${n}` } });
    const login = await client.post('/api/v1/users/login', { body: { email, password } });
    tokens.push(login.body.accessToken as string);
  }
  return tokens;
}

/** Pays the newest open page of the order; gives the page that was paid. */
async function pay({ gateway }: Place, orderId: string, cardToken: string): Promise<string> {
  const session = gateway
    .inspect()
    .sessions.findLast((one) => one.orderId === orderId && one.status === 'open');
  if (!session) return '';
  const answer = await ask(`${gateway.url}/sessions/${session.id}/pay`, { cardToken });
  return answer === 200 || answer === 409 ? session.id : '';
}

async function deliver({ courier }: Place, orderId: string, status: string): Promise<void> {
  for (const shipment of courier.inspect().shipments) {
    if (shipment.orderId !== orderId) continue;
    if (['delivered', 'failed', 'cancelled'].includes(shipment.status)) continue;
    await ask(`${courier.url}/sandbox/shipments/${shipment.id}/advance`, { status });
  }
}

/** The answer's status; 0 when there was none. */
async function ask(url: string, body: object): Promise<number> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${sandboxApiKey}` },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(2_000),
  }).catch(() => null);
  await answer?.body?.cancel();
  return answer?.status ?? 0;
}
