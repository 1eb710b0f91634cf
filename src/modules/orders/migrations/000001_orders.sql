-- Orders and their lines. Amounts are in major units of the currency; the sum is checked by the program,
-- which counts in minor units, and once more here.
--
-- States are enumerations and the rules of a line are one check: PostgreSQL reads and compiles each
-- check again for every statement, which was a third of the cost of writing an order.
create type orders.order_status as enum (
  'pending', 'payment_failed', 'confirmed', 'shipped', 'delivered', 'returned', 'cancelled', 'refunded'
);
create type orders.approval as enum ('unknown', 'not_required', 'pending', 'approved', 'rejected');

create table orders.orders (
  id                uuid primary key,
  user_id           uuid not null,
  status            orders.order_status not null,
  total_amount      numeric(16, 4) not null check (total_amount > 0),
  currency          char(3) not null,
  shipping_address  jsonb,
  billing_address   jsonb,
  requires_shipping boolean not null,
  new_customer      boolean not null,
  created_at        timestamptz not null,
  updated_at        timestamptz not null,
  completed_at      timestamptz,
  cancelled_at      timestamptz,
  cancel_reason     text,
  risk              jsonb,
  approval          orders.approval not null default 'unknown',
  approval_reason   text,
  decided_by        text,
  payment_id        uuid,
  tracking_number   text,
  check (not requires_shipping or shipping_address is not null)
);

-- Ids are UUIDv7, so their order is the order of placing. Lists of one user, and velocity.
create index orders_user on orders.orders (user_id, id);

create index orders_status on orders.orders (status, id);

-- What waits for a person, and whether a customer ever received an order. Both are partial, so that
-- placing an order writes nothing to them.
create index orders_awaiting_approval on orders.orders (id) where approval = 'pending';
create index orders_delivered on orders.orders (user_id) where status = 'delivered';

create table orders.order_items (
  id           uuid primary key,
  order_id     uuid not null references orders.orders (id),
  position     smallint not null,
  product_id   text not null,
  product_name text not null,
  quantity     integer not null,
  price        numeric(16, 4) not null,
  subtotal     numeric(16, 4) not null,
  unique (order_id, position),
  check (quantity between 1 and 1000 and price >= 0 and subtotal = quantity * price)
);
