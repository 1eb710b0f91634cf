-- Trace events: which operation succeeded or failed, when, for whom, and as part of which trace. They
-- are written by every traced call, so there are no checks (the program's types hold them to the same
-- rules) and no more indexes than ways of looking: newest first, one trace, one order, one user, failures.
create table trace_events.events (
  id          uuid not null,
  type        text not null,
  service     text not null,
  procedure   text not null,
  status      text not null,
  trace_id    text not null,
  span_id     text not null,
  order_id    uuid,
  user_id     uuid,
  details     jsonb not null,
  error_code  text,
  at          timestamptz not null,
  duration_ms double precision not null,
  primary key (at, id)
);

-- A trace and an order have few events, which are sorted when they are read.
create index events_by_trace on trace_events.events (trace_id);
create index events_by_order on trace_events.events (order_id) where order_id is not null;
create index events_by_user on trace_events.events (user_id, at desc, id desc)
  where user_id is not null;
create index events_failed on trace_events.events (at desc, id desc) where status = 'failed';
