-- Outgoing webhooks: who wants which events, and each delivery with its attempts.
create table webhook_subscription (
  id uuid primary key,
  url text not null,
  description text,
  -- Null: all.
  event_names text[],
  keys text[],
  -- Sealed, newest first: [{"sealed": base64, "until": time or null}]. Every one that is valid signs.
  secrets jsonb not null,
  enabled boolean not null default true,
  disabled_reason text,
  disabled_at timestamptz,
  -- Only events after this position are sent, unless a replay asks for earlier ones.
  start_position bigint not null,
  -- Failures in a row that were the receiver's, whatever the delivery; since when; and until when it
  -- is left alone.
  failures integer not null default 0,
  failing_since timestamptz,
  retry_at timestamptz,
  last_error text,
  delivered_at timestamptz,
  created_by text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null
);

create table webhook_delivery (
  id uuid primary key,
  subscription_id uuid not null references webhook_subscription (id) on delete cascade,
  position bigint not null,
  event_id uuid not null,
  event_name text not null,
  key text not null,
  status text not null check (status in ('pending', 'delivered', 'failed')),
  attempts integer not null default 0,
  -- Attempts that the receiver understood and refused; several of them end the delivery.
  rejections integer not null default 0,
  next_attempt_at timestamptz not null,
  claimed_until timestamptz,
  -- Newest first, the latest few: [{at, durationMs, status, error, response}]
  log jsonb not null default '[]',
  created_at timestamptz not null,
  settled_at timestamptz,
  unique (subscription_id, position)
);

-- What may be sent next, and whether something of the same key goes before it.
create index webhook_delivery_ready on webhook_delivery (subscription_id, next_attempt_at, position)
  where status = 'pending';
create index webhook_delivery_order on webhook_delivery (subscription_id, key, position)
  where status = 'pending';
create index webhook_delivery_settled on webhook_delivery (settled_at) where settled_at is not null;
