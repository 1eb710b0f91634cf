-- Billing orders: what the biller is to be told, how far that is, and what it gave back.
create table billing_orders.orders (
  id                    uuid primary key,
  order_id              text not null unique,
  -- Null until the order is loaded, where an event started it that did not say.
  account_id            text,
  customer_id           text,
  original_order_id     text,
  order_type            text not null check (order_type in ('CREATE', 'CHANGE')),
  order_status          text not null check (order_status in (
    'CREATED', 'IN_PROGRESS', 'COMPLETED', 'FAILED', 'CANCELLING', 'CANCELLED'
  )),
  network               text not null check (network in ('cloud', 'comcast')),
  fulfillment_order_id  text,
  shipment_id           text,
  provision_id          text,
  current_step          text not null,
  progress              integer not null check (progress between 0 and 100),
  amdocs_account_ref    text,
  account_created       boolean not null default false,
  amdocs_order_ref      text,
  monthly_charges       numeric(14, 2),
  promotional_credit    numeric(14, 2),
  total_due             numeric(14, 2),
  promotions            jsonb not null default '[]',
  shipping              jsonb,
  error_code            text,
  error_message         text,
  cancel_requested_at   timestamptz,
  cancel_reason         text,
  trace_id              text not null,
  span_id               text,
  process_instance_id   uuid,
  process_definition_id text,
  created_at            timestamptz not null,
  updated_at            timestamptz not null,
  completed_at          timestamptz
);

create index orders_account on billing_orders.orders (account_id, id);
create index orders_status on billing_orders.orders (order_status, id);
create index orders_completed on billing_orders.orders (order_type, completed_at)
  where order_status = 'COMPLETED';

-- Lines of an order, as they were ordered.
create table billing_orders.items (
  order_id       text not null references billing_orders.orders (order_id),
  item_id        text not null,
  position       integer not null,
  mdn            text not null,
  imei           text not null,
  iccid          text not null,
  device_model   text not null,
  sim_type       text not null,
  plan           text not null,
  monthly_charge numeric(14, 2) not null,
  primary key (order_id, item_id)
);

-- When each step of an order began and was done.
create table billing_orders.steps (
  order_id     text not null references billing_orders.orders (order_id),
  step         text not null,
  started_at   timestamptz not null,
  completed_at timestamptz,
  primary key (order_id, step)
);
