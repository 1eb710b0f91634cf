/**
 * Everything that is known of one order, inside the program and outside of it, without what differs
 * from one order to the next (ids, moments). Two orders with the same story have the same end state.
 */
import type { Database } from '../../src/postgres/index.ts';
import type { OutsideWorld } from './outside-world.ts';

/** Facts by name; comparable by `toEqual`. */
export type OrderEndState = Readonly<Record<string, unknown>>;

/** Rows of each table that tell of an order; `$1` is its id. */
const questions: Readonly<Record<string, string>> = {
  order: `select status, approval, cancel_reason, payment_id is not null as paid,
      tracking_number is not null as tracked, completed_at is not null as completed
    from orders.orders where id = $1`,
  events: `select name, count(*)::int as times from events.event
    where key = $1::text or payload->>'orderId' = $1::text group by name order by name`,
  payments: `select status, amount::float8, refunded_amount::float8 from payments.payments
    where order_id = $1 order by id`,
  refunds: `select r.status, r.amount::float8 from payments.refunds r
    join payments.payments p on p.id = r.payment_id where p.order_id = $1 order by r.id`,
  reservations: `select status, product_id, quantity from inventory.reservations
    join inventory.reservation_lines using (order_id) where order_id = $1 order by product_id`,
  shipments: `select status, detail from delivery.shipments where order_id = $1`,
  notifications: `select type, status from notifications.notifications
    where order_id = $1 order by type`,
  tickets: `select reason, status from support.tickets where order_id = $1 order by reason`,
  processes: `select process, status from engine.instance
    where business_key = $1::text order by process`,
  waits: `select w.node from engine.message_wait w join engine.instance i on i.id = w.instance_id
    where i.business_key = $1::text order by w.node`,
  timers: `select t.node from engine.timer t join engine.instance i on i.id = t.instance_id
    where i.business_key = $1::text order by t.node`,
  tasks: `select node, status, count(*)::int as times from engine.task
    where business_key = $1::text group by node, status order by node, status`,
  openIncidents: `select node, code, message from engine.incident
    where business_key = $1::text and closed_at is null order by node`,
  messages: `select name, taken_at is not null as taken, count(*)::int as times from engine.message
    where payload::jsonb->>'orderId' = $1::text group by 1, 2 order by 1, 2`,
};

/** Steps that were done, by how often. Timers are left out: a slow machine makes calls time out and be tried again. */
const stepsQuestion = `
  select entry->>'kind' as kind, entry->>'node' as node, count(*)::int as times
    from engine.history h join engine.instance i on i.id = h.instance_id,
      jsonb_array_elements(h.entries::jsonb) as entry
   where i.business_key = $1::text and entry->>'kind' in
     ('element.completed', 'message.received', 'task.completed',
      'error.thrown', 'compensation.started', 'process.completed', 'process.failed')
   group by 1, 2 order by 1, 2`;

/** Asks the database and the sandboxes. */
export async function orderEndState(
  database: Pick<Database, 'query'>,
  world: OutsideWorld,
  orderId: string,
): Promise<OrderEndState> {
  const asked = Object.entries({ ...questions, steps: stepsQuestion }).map(
    async ([name, question]) => [name, (await database.query(question, [orderId])).rows] as const,
  );
  const state = { ...Object.fromEntries(await Promise.all(asked)), ...outside(world, orderId) };
  return JSON.parse(JSON.stringify(state).replaceAll(orderId, 'ORDER')) as OrderEndState;
}

function outside({ gateway, courier, mail }: OutsideWorld, orderId: string) {
  const { sessions, charges, refunds } = gateway.inspect();
  const ofOrder = <T extends { readonly orderId: string }>(things: readonly T[]) =>
    things.filter((thing) => thing.orderId === orderId);
  const ownCharges = ofOrder(charges);
  return {
    gateway: {
      sessions: ofOrder(sessions).map(({ status, amount }) => ({ status, amount })),
      charges: ownCharges.map(({ status, amount, amountRefunded }) => ({
        ...{ status, amount, amountRefunded },
      })),
      refunds: refunds
        .filter(({ chargeId }) => ownCharges.some(({ id }) => id === chargeId))
        .map(({ amount }) => ({ amount })),
    },
    courier: ofOrder(courier.inspect().shipments).map(({ status }) => ({ status })),
    mails: mailsOf(mail.inspect().mails, orderId),
  };
}

/**
 * Mails by their Message-ID: a mail that is handed over again after a crash is the same mail to every
 * mail system and reader. SMTP has no way to ask whether the first one was taken.
 */
function mailsOf(
  mails: readonly { readonly messageId: string; subject: string; text: string }[],
  orderId: string,
): string[] {
  const own = mails.filter(({ subject, text }) => `${subject} ${text}`.includes(orderId));
  const subjects = new Map(own.map(({ messageId, subject }) => [messageId, subject]));
  return [...subjects.values()].sort();
}
