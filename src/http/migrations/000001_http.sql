-- Idempotency keys: what was answered to which request, so that a repeat gets the same answer.
--
-- For procedures that write only here, a row appears in the transaction of the effect, already `done`.
-- For those that reach outside, a `running` row is committed first: its lease says how long the attempt
-- may still be alive, and its outward key is what the outside sees, the same on every attempt.
create table http.idempotency_key (
  scope text not null,
  key text not null,
  request_hash bytea not null,
  state text not null check (state in ('running', 'done')),
  status integer,
  body text,
  sealed boolean not null default false,
  outward_key uuid,
  attempts integer not null default 1,
  lease_until timestamptz,
  -- The sessions of the program that works on it, by their application_name.
  owner text,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  primary key (scope, key),
  check ((state = 'done') = (status is not null)),
  check (state = 'done' or lease_until is not null)
);

create index idempotency_key_expires_at on http.idempotency_key (expires_at);

-- Webhooks as they came in: the raw bytes and what became of them. A delivery acts once.
create table http.webhook_receipt (
  id uuid primary key,
  source text not null,
  delivery_id text not null,
  state text not null check (state in ('accepted', 'refused', 'failed')),
  headers jsonb not null,
  body bytea not null,
  signed boolean not null,
  attempts integer not null default 1,
  problem jsonb,
  trace_id text not null,
  received_at timestamptz not null,
  updated_at timestamptz not null,
  unique (source, delivery_id),
  check ((state = 'accepted') = (problem is null))
);

create index webhook_receipt_received_at on http.webhook_receipt (received_at);
