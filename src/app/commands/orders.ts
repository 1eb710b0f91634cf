/** `orderloom orders [orderId]`: the orders and where they stand, or one of them in full. */
import type { InstanceRow, OrderAnswer, PageAnswer } from '../api-client.ts';
import type { CommandContext, ListOptions } from '../command-context.ts';
import { amount, facts, moment, pageText, table } from '../terminal.ts';

/** Lists orders, newest first. */
export async function listOrders(
  { api, answer }: CommandContext,
  options: ListOptions & { readonly status?: string },
): Promise<void> {
  const { status, limit, cursor } = options;
  const page = await api.get<PageAnswer<OrderAnswer>>('/orders', { status, limit, cursor });
  answer(page, () =>
    pageText(
      page,
      ['order', 'orders'],
      [
        { title: 'ORDER', value: ({ id }) => id },
        { title: 'STATUS', value: statusOf },
        {
          title: 'TOTAL',
          align: 'right',
          value: ({ totalAmount, currency }) => amount(totalAmount, currency),
        },
        { title: 'RISK', align: 'right', value: ({ risk }) => risk?.score },
        { title: 'APPROVAL', value: ({ approval }) => approval.replace('_', ' ') },
        { title: 'PLACED', value: ({ createdAt }) => moment(createdAt) },
      ],
    ),
  );
}

/** Shows one order, and the process that carries it. */
export async function showOrder({ api, json, answer }: CommandContext, id: string): Promise<void> {
  const order = await api.get<OrderAnswer>(`/orders/${encodeURIComponent(id)}`);
  const carriers = json ? null : await carriersOf(api, order.id);
  answer(order, () => orderText(order, carriers ?? []));
}

/** Those who may not watch processes still see their order. */
async function carriersOf(
  api: CommandContext['api'],
  orderId: string,
): Promise<readonly InstanceRow[]> {
  const found = await api
    .get<PageAnswer<InstanceRow>>('/processes', { businessKey: orderId })
    .catch(() => null);
  return found?.items ?? [];
}

function orderText(order: OrderAnswer, carriers: readonly InstanceRow[]): string {
  const { risk, shippingAddress: to, currency } = order;
  const allowed = order.can.filter(({ allowed }) => allowed).map(({ action }) => action);
  const lines = [
    facts([
      ['Order', order.id],
      ['Status', statusOf(order)],
      ['Total', amount(order.totalAmount, currency)],
      ['Customer', order.userId],
      ['Placed', moment(order.createdAt)],
      ['Completed', order.completedAt && moment(order.completedAt)],
      ['Cancelled', order.cancelledAt && `${moment(order.cancelledAt)}: ${order.cancelReason}`],
      ['Risk', risk && `${risk.score} of 100 (${risk.level})`],
      ['Approval', approvalText(order)],
      ['Payment', order.paymentId],
      ['Tracking', order.trackingNumber],
      ['Ship to', to && [to.name, to.line1, `${to.postalCode} ${to.city}`, to.country].join(', ')],
      ['You may', allowed.join(', ') || 'only look'],
    ]),
    '',
    table(order.items, [
      { title: 'PRODUCT', value: ({ productId }) => productId },
      { title: 'NAME', value: ({ productName }) => productName },
      { title: 'QUANTITY', align: 'right', value: ({ quantity }) => quantity },
      { title: 'PRICE', align: 'right', value: ({ price }) => amount(price, currency) },
      { title: 'SUBTOTAL', align: 'right', value: ({ subtotal }) => amount(subtotal, currency) },
    ]),
  ];
  if (risk && risk.factors.length > 0) {
    lines.push(
      '',
      table(risk.factors, [
        { title: 'RISK FACTOR', value: ({ name }) => name },
        { title: 'POINTS', align: 'right', value: ({ points }) => points },
        { title: 'WHY', value: ({ explanation }) => explanation },
      ]),
    );
  }
  for (const { id, process, status } of carriers) {
    lines.push('', `Carried by ${process}, ${status}:  orderloom processes ${id}`);
  }
  return lines.join('\n');
}

function approvalText({ approval, decidedBy, approvalReason }: OrderAnswer): string {
  const by = decidedBy === null ? '' : ` by ${decidedBy}`;
  const why = approvalReason === null ? '' : `: ${approvalReason}`;
  return `${approval.replace('_', ' ')}${by}${why}`;
}

/** `completed` is delivered with nothing left to do. */
function statusOf({ status, completedAt }: OrderAnswer): string {
  return completedAt === null ? status.replace('_', ' ') : `${status}, completed`;
}
