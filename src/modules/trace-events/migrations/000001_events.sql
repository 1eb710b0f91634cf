-- Trace events: which operation succeeded or failed, when, for whom, and as part of which trace.
create table trace_events.events (
  id          uuid primary key,
  type        text not null,
  service     text not null,
  procedure   text not null,
  status      text not null check (status in ('success', 'failed')),
  trace_id    text not null check (trace_id ~ '^[0-9a-f]{32}$'),
  span_id     text not null check (span_id ~ '^[0-9a-f]{16}$'),
  order_id    uuid,
  user_id     uuid,
  details     jsonb not null,
  error_code  text,
  at          timestamptz not null,
  duration_ms double precision not null check (duration_ms >= 0),
  constraint events_error_code_when_failed check ((status = 'failed') = (error_code is not null))
);

-- Each way of looking ends in "newest first".
create index events_newest on trace_events.events (at desc, id desc);
create index events_by_trace on trace_events.events (trace_id, at desc, id desc);
create index events_by_order on trace_events.events (order_id, at desc, id desc)
  where order_id is not null;
create index events_by_user on trace_events.events (user_id, at desc, id desc)
  where user_id is not null;
create index events_failed on trace_events.events (at desc, id desc) where status = 'failed';
