/**
 * The statements that move stock. Each does a whole use case in one round trip, and each locks what it
 * changes in the order that `store.ts` names. Parameters are written down with `store.ts`, which alone
 * runs them.
 */

/**
 * Claims the order, locks the stock, judges all items and takes all or none, in one statement. The
 * claim waits for a reservation of the same order that is being made elsewhere. The verdict is a column
 * (a window over all items) and not a subquery, because PostgreSQL evaluates the final update again
 * for rows that changed while it waited for their locks, and then sees columns as they were judged.
 */
export const reserveStatement = `
  with claim as (
    insert into inventory.reservations (order_id, requested, status, reserved_at, expires_at)
    values ($1, $7, 'held', $5, $6)
    on conflict (order_id) do nothing
    returning order_id
  ), locked as (
    select stock.product_id, stock.on_hand - stock.reserved as available
    from claim, inventory.stock
    where stock.product_id = any ($2::text[])
    order by stock.product_id
    for update of stock
  ), found as (
    select product_id, wanted.quantity, locked.available,
           coalesce(locked.available >= wanted.quantity, not wanted.physical) as fits
    from claim
    cross join unnest($2::text[], $3::integer[], $4::boolean[])
      as wanted (product_id, quantity, physical)
    left join locked using (product_id)
  ), judged as materialized (
    select *, bool_and(fits) over () and available is not null as taken from found
  ), taken as (
    update inventory.stock
    set reserved = stock.reserved + judged.quantity, updated_at = $5
    from judged
    where stock.product_id = judged.product_id and judged.taken
  ), lines as (
    insert into inventory.reservation_lines (order_id, product_id, quantity)
    select $1, product_id, quantity from judged where taken
  )
  select product_id, quantity, available, fits from judged order by product_id`;

/**
 * Ends reservations and frees or removes their units, in one statement. Those that another transaction
 * is ending at this moment are left out when looking for expired ones, and waited for otherwise.
 */
function endStatement(chosen: string): string {
  return `
    with due as materialized (
      select order_id from inventory.reservations where status = 'held' and ${chosen}
    ), ended as (
      update inventory.reservations as reservation set status = $1, ended_at = $2
      from due
      where reservation.order_id = due.order_id and reservation.status = 'held'
      returning reservation.*
    ), freed as materialized (
      select line.product_id, sum(line.quantity)::integer as quantity
      from ended join inventory.reservation_lines as line using (order_id)
      group by line.product_id
    ), locked as (
      select stock.product_id, freed.quantity
      from freed join inventory.stock using (product_id)
      order by stock.product_id
      for update of stock
    ), changed as (
      update inventory.stock
      set reserved = stock.reserved - locked.quantity,
          on_hand = stock.on_hand - case $1 when 'consumed' then locked.quantity else 0 end,
          updated_at = $2
      from locked
      where stock.product_id = locked.product_id
    )
    select ended.*, line.product_id, line.quantity
    from ended left join inventory.reservation_lines as line using (order_id)
    order by ended.order_id, line.product_id`;
}

/** Ends the held reservation of one order. */
export const endOneStatement = endStatement('order_id = $3 for update');
/** Ends held reservations whose time is over, the oldest first. */
export const endExpiredStatement = endStatement(
  'expires_at <= $2 order by expires_at limit $3 for update skip locked',
);
