-- When processes begin by the clock. A row is a cycle start event of the newest version of a process; the
-- row is locked while its moment is dealt with, and moved on in the transaction that starts the instances.
create table engine.schedule (
  process    text        not null,
  node       text        not null,
  -- Version that the row was written by: an older program leaves it alone.
  version    integer     not null,
  cron       text        not null,
  time_zone  text        not null,
  catch_up   text        not null check (catch_up in ('skip', 'once', 'all')),
  -- Moments that `all` catches up with at most.
  most       integer     not null,
  -- From when a pattern counts that has no moment of its own.
  begun_at   timestamptz not null,
  -- Null when the pattern has no further moment.
  next_at    timestamptz,
  last_at    timestamptz,
  paused_at  timestamptz,
  paused_by  text,
  primary key (process, node)
);
create index schedule_due on engine.schedule (next_at) where paused_at is null;
