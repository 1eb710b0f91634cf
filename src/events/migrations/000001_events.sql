-- The event log: every event, written in the transaction of the change that it tells of.
--
-- `position` orders the log, but it is drawn before the commit, so a reader may see 7 before 6 is
-- there. `transaction_id` closes that gap: whatever is older than `pg_snapshot_xmin` is complete, so
-- a relay reads only up to there and never skips an event.
create table events.event (
  position bigint generated always as identity primary key,
  id uuid not null unique,
  name text not null,
  version integer not null,
  key text not null,
  payload jsonb not null,
  occurred_at timestamptz not null,
  trace_id text,
  transaction_id xid8 not null default pg_current_xact_id()
);

comment on column events.event.key is 'The aggregate whose events keep their order, e.g. an order id';
