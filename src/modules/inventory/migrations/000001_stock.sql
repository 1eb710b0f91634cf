-- Stock and reservations. The checks are the last word: whatever a statement does, no product can be
-- oversold and no count can go below zero.
create table inventory.stock (
  product_id text primary key check (length(product_id) between 1 and 64),
  on_hand    integer not null check (on_hand >= 0),
  reserved   integer not null check (reserved >= 0),
  updated_at timestamptz not null,
  constraint stock_never_oversold check (reserved <= on_hand)
) with (fillfactor = 70); -- Room for new versions beside the old ones: every order updates these rows.

-- One reservation per order, for ever: a second one for the same order is the first one again.
create table inventory.reservations (
  order_id    uuid primary key,
  -- What was asked for, products without stock included, so that a repetition is recognised.
  requested   text not null,
  status      text not null check (status in ('held', 'consumed', 'released', 'expired')),
  reserved_at timestamptz not null,
  expires_at  timestamptz not null check (expires_at > reserved_at),
  ended_at    timestamptz,
  constraint reservations_ended_when_not_held check ((status = 'held') = (ended_at is null))
);

-- What expires next, and nothing else, so that looking costs nothing while nothing is due.
create index reservations_held on inventory.reservations (expires_at) where status = 'held';

-- The order of the list.
create index reservations_newest on inventory.reservations (reserved_at desc, order_id desc);

create table inventory.reservation_lines (
  order_id   uuid not null references inventory.reservations,
  product_id text not null references inventory.stock,
  quantity   integer not null check (quantity > 0),
  primary key (order_id, product_id)
);
