/** The list of orders, newest first: the own ones, or for staff everybody's. */
import { type Caller, mayAccessUserData } from '../../kernel/caller.ts';
import { type Refusal, refuse } from '../../kernel/errors.ts';
import { cursorValue, type Page, toPage } from '../../kernel/page.ts';
import type { ReadContext } from '../../kernel/procedure.ts';
import { orderForbidden } from './errors.ts';
import type { Order } from './order.ts';
import { type OrderFilter, readOrderPage } from './store.ts';

/** One page. A customer who asks for another user's orders is refused, not shown an empty list. */
export async function listOrders(
  context: ReadContext,
  input: OrderFilter & { limit: number; cursor?: string | undefined },
): Promise<Page<Order> | Refusal<'ORDER_FORBIDDEN'>> {
  const { caller } = context;
  const userId = input.userId?.toLowerCase() ?? ownOnly(caller);
  if (userId !== undefined && !mayAccessUserData(caller, userId))
    return refuse(
      orderForbidden,
      'Expected the own userId or none, found another one. Only staff see the orders of others.',
    );
  const { orders, counted } = await readOrderPage(context.tx, {
    filter: { userId, status: input.status, approval: input.approval },
    afterId: cursorValue(input.cursor),
    limit: input.limit,
  });
  return toPage({
    rows: orders,
    limit: input.limit,
    counted,
    cursorOf: (order) => [order.id],
    itemOf: (order) => order,
  });
}

/** Without staff's rights, the list is cut to the caller's own; an anonymous caller owns nothing. */
function ownOnly(caller: Caller): string | undefined {
  const nobody = '00000000-0000-0000-0000-000000000000';
  return mayAccessUserData(caller, nobody) ? undefined : (caller.userId ?? nobody);
}
