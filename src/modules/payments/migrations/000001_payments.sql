-- Payments, their refunds, and the audit trail of everything that was done with money.
create table payments.payments (
  id                  uuid primary key,
  order_id            uuid not null,
  user_id             uuid not null,
  amount              numeric(16, 4) not null check (amount > 0),
  refunded_amount     numeric(16, 4) not null default 0,
  currency            char(3) not null,
  payment_method      text not null,
  status              text not null check (status in ('pending', 'processed', 'failed', 'refunded')),
  transaction_id      text,
  processed_at        timestamptz,
  failed_at           timestamptz,
  failure_reason      text,
  failure_code        text,
  provider            text not null,
  session_id          text,
  session_url         text,
  session_expires_at  timestamptz,
  session_request_key text,
  sealed_method       bytea,
  charge_attempt      integer not null default 1,
  charge_started_at   timestamptz,
  charge_request_key  text,
  cancel_requested_at timestamptz,
  asked_at            timestamptz,
  created_at          timestamptz not null,
  updated_at          timestamptz not null,
  check (refunded_amount between 0 and amount),
  check (status <> 'refunded' or refunded_amount = amount),
  check ((status in ('processed', 'refunded')) = (processed_at is not null))
);

-- An order is paid once: at most one payment of it is open or holds money.
create unique index payments_one_live_per_order on payments.payments (order_id)
  where status in ('pending', 'processed');
create index payments_order on payments.payments (order_id, id);
create unique index payments_session on payments.payments (provider, session_id)
  where session_id is not null;
create index payments_unheard on payments.payments (coalesce(asked_at, updated_at))
  where status = 'pending' and session_id is not null;
create index payments_request on payments.payments (charge_request_key)
  where charge_request_key is not null;

create table payments.refunds (
  id                 uuid primary key,
  payment_id         uuid not null references payments.payments (id),
  request_key        text not null,
  amount             numeric(16, 4) not null check (amount > 0),
  reason             text not null,
  status             text not null check (status in ('pending', 'refunded', 'refused')),
  provider_refund_id text,
  created_at         timestamptz not null,
  settled_at         timestamptz,
  unique (payment_id, request_key)
);

-- Append-only: who did what with whose money, when, and as part of which trace.
create table payments.audit (
  id            bigint generated always as identity primary key,
  payment_id    uuid not null,
  order_id      uuid not null,
  at            timestamptz not null,
  actor         text not null,
  action        text not null,
  status_before text,
  status_after  text not null,
  amount        numeric(16, 4) not null,
  currency      char(3) not null,
  detail        jsonb not null,
  trace_id      text not null
);
create index audit_payment on payments.audit (payment_id, id);

create function payments.refuse_audit_change() returns trigger language plpgsql as $$
begin
  raise exception 'payments.audit is append-only: % is not allowed', tg_op;
end $$;

create trigger audit_is_append_only
  before update or delete or truncate on payments.audit
  for each statement execute function payments.refuse_audit_change();
