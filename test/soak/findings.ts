/**
 * What must hold when everything has settled: money, stock, and nothing done twice that was promised
 * once. Every broken rule is one line that names the order.
 */
import type { Database } from '../../src/postgres/index.ts';
import type { Place } from './place.ts';

/** What was found; no findings is what is wanted. */
export interface Outcome {
  readonly findings: readonly string[];
  /** Orders by how they ended. */
  readonly orders: Readonly<Record<string, number>>;
  /** What waits for a person, in the words of the incidents. */
  readonly incidents: readonly string[];
}

interface OrderFacts {
  readonly id: string;
  readonly status: string;
  readonly total: number;
  readonly completed: boolean;
  readonly incidents: number;
}

/** Compares the program, the gateway, the courier and the mails. */
export async function findOutcome(place: Place, placed: readonly string[]): Promise<Outcome> {
  const { database } = place;
  const findings: string[] = [];
  const rows = await ask<OrderFacts>(
    database,
    `select o.id, o.status::text as status, o.total_amount::float8 as total,
            o.completed_at is not null as completed,
            (select count(*)::int from engine.incident n where n.business_key = o.id::text
                and n.closed_at is null) as incidents
       from orders.orders o order by o.id`,
  );
  const known = new Map(rows.map((row) => [row.id, row]));
  for (const id of placed) {
    if (!known.has(id)) findings.push(`order ${id} was answered with 201 and is gone`);
  }
  // An order whose answer was lost is there all the same: its customer repeated the request.
  if (known.size !== placed.length) {
    findings.push(`expected ${placed.length} orders, found ${known.size}`);
  }
  for (const order of rows)
    findings.push(...moneyFindings(place, order), ...parcelFindings(place, order));
  findings.push(...mailFindings(place));
  for (const question of doubles) findings.push(...(await doubleFindings(database, question)));
  findings.push(...(await stockFindings(database)));
  const orders: Record<string, number> = {};
  for (const { status, incidents } of rows) {
    const end = incidents > 0 ? `${status}, with an open incident` : status;
    orders[end] = (orders[end] ?? 0) + 1;
  }
  const incidents = await ask<{ what: string }>(
    database,
    `select process || '/' || node || ' ' || code || ': ' || message as what
       from engine.incident where closed_at is null order by id`,
  );
  return { findings, orders, incidents: incidents.map(({ what }) => what) };
}

/** Captured less refunded is the price of an order that was kept, and nothing for one that was not. */
function moneyFindings({ gateway }: Place, order: OrderFacts): string[] {
  if (order.incidents > 0) return [];
  const charges = gateway
    .inspect()
    .charges.filter(({ orderId, status }) => orderId === order.id && status === 'succeeded');
  const captured = charges.reduce((sum, { amount }) => sum + amount, 0);
  const refunded = charges.reduce((sum, { amountRefunded }) => sum + amountRefunded, 0);
  const isKept = ['confirmed', 'shipped', 'delivered'].includes(order.status);
  const due = isKept ? order.total : 0;
  const rest = Math.round((captured - refunded) * 100) / 100;
  if (rest === due) return [];
  return [
    `order ${order.id} is ${order.status}: expected ${due} to be with us, found ${captured} ` +
      `captured and ${refunded} refunded`,
  ];
}

function parcelFindings({ courier }: Place, order: OrderFacts): string[] {
  const living = courier
    .inspect()
    .shipments.filter(({ orderId, status }) => orderId === order.id && status !== 'cancelled');
  if (living.length > 1) return [`order ${order.id} has ${living.length} parcels on their way`];
  const isOff = ['cancelled', 'refunded'].includes(order.status);
  if (isOff && living.length > 0 && order.incidents === 0) {
    return [`order ${order.id} is ${order.status}, and a parcel of it is ${living[0]?.status}`];
  }
  return [];
}

/** By Message-ID: a mail that is handed over again is the same mail to every reader. */
function mailFindings({ mail }: Place): string[] {
  const ids = new Map<string, Set<string>>();
  for (const { messageId, subject } of mail.inspect().mails) {
    const of = ids.get(subject) ?? new Set();
    of.add(messageId);
    ids.set(subject, of);
  }
  return [...ids]
    .filter(([, messages]) => messages.size > 1)
    .map(([subject, messages]) => `"${subject}" was written ${messages.size} times`);
}

/** What may be there once: each question lists what is there more often. */
const doubles: readonly (readonly [what: string, question: string])[] = [
  [
    'a step was completed twice',
    `select h.instance_id || ' ' || (entry->>'node') || ' ' || (entry->>'n') as what
       from engine.history h, jsonb_array_elements(h.entries::jsonb) entry
      where entry->>'kind' = 'element.completed'
      group by h.instance_id, entry->>'node', entry->>'n' having count(*) > 1`,
  ],
  [
    'an event was recorded twice',
    `select name || ' ' || key as what from events.event
      where name in ('order.created', 'order.confirmed', 'order.cancelled', 'payment.processed',
                     'inventory.reserved')
      group by name, key having count(*) > 1`,
  ],
  [
    'an order has two processes',
    `select business_key as what from engine.instance where process = 'process-order'
      group by business_key having count(*) > 1`,
  ],
  [
    'the history has a gap',
    `select instance_id::text as what
       from engine.history h, jsonb_array_elements(h.entries::jsonb) entry
      group by instance_id having max((entry->>'seq')::int) <> count(*)`,
  ],
  [
    'an open instance waits for nothing',
    `select i.id::text as what from engine.instance i
      where i.ended_at is null and i.status = 'waiting'
        and not exists (select from engine.message_wait w where w.instance_id = i.id)
        and not exists (select from engine.timer t where t.instance_id = i.id)
        and not exists (select from engine.task k where k.instance_id = i.id and k.status = 'open')
        and not exists (select from engine.incident n where n.instance_id = i.id and n.closed_at is null)
        and not exists (select from engine.instance c where c.parent_id = i.id and c.ended_at is null)`,
  ],
];

async function doubleFindings(
  database: Database,
  [what, question]: (typeof doubles)[number],
): Promise<string[]> {
  const rows = await ask<{ what: string }>(database, question);
  return rows.map((row) => `${what}: ${row.what}`);
}

/** What is reserved is what open reservations hold, and nothing is below zero. */
async function stockFindings(database: Database): Promise<string[]> {
  const rows = await ask<{ product: string; reserved: number; held: number; on_hand: number }>(
    database,
    `select s.product_id as product, s.reserved::int as reserved, s.on_hand::int as on_hand,
            coalesce((select sum(l.quantity) from inventory.reservation_lines l
                        join inventory.reservations r using (order_id)
                       where l.product_id = s.product_id and r.status = 'held'), 0)::int as held
       from inventory.stock s`,
  );
  return rows.flatMap(({ product, reserved, held, on_hand: onHand }) => [
    ...(reserved === held ? [] : [`${product}: expected ${held} reserved, found ${reserved}`]),
    ...(onHand < reserved ? [`${product}: ${reserved} of ${onHand} are promised`] : []),
  ]);
}

async function ask<Row>(database: Database, question: string): Promise<readonly Row[]> {
  return (await database.query<Row>(question)).rows;
}
