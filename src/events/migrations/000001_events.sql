-- The event log: every event, written in the transaction of the change that it tells of.
--
-- `position` orders the log and is drawn before the commit, so a reader may see 7 before 6 is there.
-- Readers therefore go no further than a horizon (`log-horizon.ts`), which asks whether every
-- transaction that had begun to write when a position was drawn has ended. For that a transaction must
-- have its id before it draws a position; the condition of the default sees to it and costs nothing,
-- because whatever writes has an id anyway. The sequence must not be cached: positions of one key
-- follow each other only while every session draws the next one.
create sequence event_position cache 1;

create table event (
  position bigint primary key
    default case when pg_current_xact_id() is not null then nextval('events.event_position') end,
  id uuid not null unique,
  name text not null,
  version integer not null,
  key text not null,
  payload jsonb not null,
  occurred_at timestamptz not null,
  trace_id text
);

alter sequence event_position owned by event.position;

comment on column event.key is 'The aggregate whose events keep their order, e.g. an order id';
