-- What operators need: the pause of the whole engine, figures, search, bulk work. Not an interface.

-- One row. `resumes` counts how often people said "go on": a node that was started paused goes on when
-- it grows.
create table engine.control (
  single    boolean     primary key default true check (single),
  paused    boolean     not null default false,
  reason    text,
  decided_by text,
  since     timestamptz,
  resumes   bigint      not null default 0
);
insert into engine.control default values;

-- How many there are, by version and element: a projection, so that no list ever groups instances.
-- Each group commit adds one row to `count_change`; a node folds them into `count` every second. Both
-- together are exact at any moment, since they change in the transactions that they count.
--
-- kind: a status of instances (node is empty), or `tokens`, `incidents`, `retrying` at a node, or `cause`
-- of open incidents (version is 0, node is the cause), or `done`: runs of a node that have completed, which
-- only grows, and which no state of an instance tells.
create table engine.count (
  process  text    not null,
  version  integer not null,
  kind     text    not null,
  node     text    not null,
  n        bigint  not null,
  -- When it grew for the first and the last time.
  first_at timestamptz,
  last_at  timestamptz,
  primary key (process, version, kind, node)
) with (fillfactor = 50);
create table engine.count_change (
  at      timestamptz not null,
  -- JSON: [[process, version, kind, node, change], ...]
  changes text        not null
);

create function engine.pending_counts()
returns table (process text, version integer, kind text, node text, n bigint,
               first_at timestamptz, last_at timestamptz)
language sql stable as $$
  select c->>0, (c->>1)::integer, c->>2, c->>3, sum((c->>4)::bigint)::bigint,
         min(at) filter (where (c->>4)::bigint > 0), max(at) filter (where (c->>4)::bigint > 0)
    from engine.count_change, json_array_elements(changes::json) as c
   group by 1, 2, 3, 4
$$;

-- The counts of this moment.
create view engine.count_now as
  select process, version, kind, node, sum(n)::bigint as n, min(first_at) as first_at,
         max(last_at) as last_at
    from (select process, version, kind, node, n, first_at, last_at from engine.count
          union all
          select process, version, kind, node, n, first_at, last_at from engine.pending_counts()) as c
   group by 1, 2, 3, 4;

-- Folds at most so many changes and gives how many it were; null when another node is at it.
create function engine.fold_counts(p_limit integer) returns integer language plpgsql as $$
declare
  folded integer;
begin
  if not pg_try_advisory_xact_lock(hashtext('engine.fold_counts')) then
    return null;
  end if;
  with gone as (
    delete from engine.count_change
     where ctid = any (array(select ctid from engine.count_change limit p_limit))
    returning at, changes
  ), sums as (
    select c->>0 as process, (c->>1)::integer as version, c->>2 as kind, c->>3 as node,
           sum((c->>4)::bigint) as n,
           min(at) filter (where (c->>4)::bigint > 0) as first_at,
           max(at) filter (where (c->>4)::bigint > 0) as last_at
      from gone, json_array_elements(changes::json) as c
     group by 1, 2, 3, 4
  ), kept as (
    insert into engine.count as k (process, version, kind, node, n, first_at, last_at)
    select * from sums where n <> 0 or kind = 'cause'
    on conflict (process, version, kind, node) do update
      set n = k.n + excluded.n, first_at = least(k.first_at, excluded.first_at),
          last_at = greatest(k.last_at, excluded.last_at)
  )
  select count(*) into folded from gone;
  return folded;
end
$$;

-- The same figures, counted anew. Reads every instance: for checks, not for lists.
create function engine.recount()
returns table (process text, version integer, kind text, node text, n bigint)
language sql stable as $$
  select process, version, status, '', count(*) from engine.instance group by 1, 2, 3
  union all
  select i.process, i.version, f.kind, e.value->>'node', count(*)
    from engine.instance i
    cross join lateral json_each(i.state::json->'elements') as e
    cross join lateral (values
      ('tokens', e.key <> '1' and e.value->'loop' is null),
      ('incidents', e.value->'incident' is not null),
      ('retrying', e.value->'job' is not null and e.value->'job'->>'phase' <> 'stopped'
        and (e.value->'job'->>'phase' = 'backoff'
          or (e.value->'job'->>'attempt')::integer
             - coalesce((e.value->'job'->>'countsFrom')::integer, 0) >= 2))
    ) as f (kind, holds)
   where i.ended_at is null and f.holds
   group by 1, 2, 3, 4
  union all
  select process, 0, 'cause', cause, count(*) from engine.incident
   where closed_at is null group by 1, 4
$$;

-- Where the projection differs from what is counted anew, in one snapshot.
create view engine.count_difference as
  select process, version, kind, node, coalesce(r.n, 0) as counted, coalesce(c.n, 0) as known
    from engine.recount() r
    full join engine.count_now c using (process, version, kind, node)
   where kind <> 'done' and coalesce(r.n, 0) <> coalesce(c.n, 0);

-- What incidents failed of, without the ids and numbers of one instance.
create table engine.incident_cause (
  cause     text        primary key,
  -- The procedure that failed; the process and element, where it was no procedure.
  source    text        not null,
  code      text        not null,
  message   text        not null,
  -- One message as it was.
  sample    text        not null,
  seen_at   timestamptz not null
);
create index incident_by_cause on engine.incident (cause, id) where closed_at is null;

-- Steps that failed and are tried again by themselves.
create table engine.retry (
  instance_id uuid        not null,
  n           integer     not null,
  process     text        not null,
  node        text        not null,
  -- The attempt that comes, or is at work.
  attempt     integer     not null,
  -- Null while it is at work.
  next_at     timestamptz,
  code        text        not null,
  message     text        not null,
  primary key (instance_id, n)
);

create function engine.commit_rare(p_at timestamptz, p_rare json) returns void language plpgsql as $$
begin
  if p_rare->'retriesGone' is not null then
    delete from engine.retry r
     using json_to_recordset(p_rare->'retriesGone') as g (id uuid, n integer)
     where r.instance_id = g.id and r.n = g.n;
  end if;
  if p_rare->'retries' is not null then
    insert into engine.retry as r (instance_id, n, process, node, attempt, next_at, code, message)
    select id, n, process, node, attempt, next, code, message
      from json_to_recordset(p_rare->'retries') as t (
        id uuid, n integer, process text, node text, attempt integer, next timestamptz, code text,
        message text)
    on conflict (instance_id, n) do update
      set attempt = excluded.attempt, next_at = excluded.next_at, code = excluded.code,
          message = excluded.message;
  end if;
  if p_rare->'causes' is not null then
    insert into engine.incident_cause (cause, source, code, message, sample, seen_at)
    select distinct on (cause) cause, source, code, message, sample, p_at
      from json_to_recordset(p_rare->'causes') as c (
        cause text, source text, code text, message text, sample text)
     order by cause
    on conflict do nothing;
  end if;
  if p_rare->'searchGone' is not null then
    delete from engine.search_value s
     using json_to_recordset(p_rare->'searchGone') as g (id uuid, name text)
     where s.instance_id = g.id and s.name = g.name;
  end if;
  if p_rare->'search' is not null then
    insert into engine.search_value (instance_id, name, value)
    select id, name, value
      from json_to_recordset(p_rare->'search') as v (id uuid, name text, value text)
    on conflict do nothing;
  end if;
  if p_rare->'largeValues' is not null then
    insert into engine.large_value (instance_id, digest, value)
    select id, digest, value
      from json_to_recordset(p_rare->'largeValues') as v (id uuid, digest text, value text)
    on conflict do nothing;
  end if;
  if p_rare->'externalGone' is not null or p_rare->'externalParked' is not null
     or p_rare->'external' is not null then
    perform engine.commit_external(p_at, p_rare);
  end if;
end
$$;

-- What was there before this file.
insert into engine.count (process, version, kind, node, n)
select process, version, kind, node, n from engine.recount();

-- Searching. Indexes on `instance` are kept to columns that transitions do not change, or to rows that
-- are few, so that a transition of a healthy instance touches none of them.
create index instance_rare on engine.instance (status, id)
  where status in ('suspended', 'failed', 'cancelled');
create index instance_ended on engine.instance (ended_at) where ended_at is not null;
create index instance_started on engine.instance using brin (started_at);
create index message_wait_by_node on engine.message_wait (process, node);
create index timer_by_node on engine.timer (node);
create index task_by_node on engine.task (process, node) where status = 'open';
create index incident_by_node on engine.incident (process, node) where closed_at is null;

-- Tags (name is empty) and searchable variables that a workflow declares; written when they change.
create table engine.search_value (
  instance_id uuid not null,
  name        text not null,
  value       text not null,
  primary key (name, value, instance_id)
);
create index search_value_by_instance on engine.search_value (instance_id, name);

-- One thing done to many instances, as a job: who asked for it and why, and how far it is.
create table engine.bulk_operation (
  id           uuid        primary key,
  action       text        not null
               check (action in ('cancel', 'retry', 'suspend', 'resume', 'migrate')),
  filter       jsonb       not null,
  parameters   jsonb       not null,
  reason       text        not null,
  asked_by     text        not null,
  -- collecting: its instances are written down. running: they are treated, at most so many a second.
  -- stopping: no more are treated, outcomes are still awaited.
  status       text        not null
               check (status in ('collecting', 'running', 'stopping', 'stopped', 'completed')),
  per_second   integer     not null,
  -- The last instance that was written down.
  collected_to uuid,
  -- No item is treated before this moment: the rate holds on whichever node the job runs.
  next_at      timestamptz not null default clock_timestamp(),
  total        integer     not null default 0,
  done         integer     not null default 0,
  failed       integer     not null default 0,
  skipped      integer     not null default 0,
  created_at   timestamptz not null,
  ended_at     timestamptz
);
create index bulk_operation_open on engine.bulk_operation (id) where ended_at is null;

-- One instance (for `retry`: one incident) of a bulk operation.
create table engine.bulk_item (
  operation_id uuid        not null,
  instance_id  uuid        not null,
  -- Element instance of the incident; else 0.
  n            integer     not null,
  incident_id  uuid,
  -- pending: not begun. asked: the instance was asked, in the same commit. The others: what came of it.
  status       text        not null
               check (status in ('pending', 'asked', 'done', 'failed', 'skipped')),
  inbox_id     uuid,
  asked_at     timestamptz,
  message      text,
  primary key (operation_id, instance_id, n)
);
create index bulk_item_open on engine.bulk_item (operation_id, status, instance_id, n)
  where status in ('pending', 'asked');
create index bulk_item_bad on engine.bulk_item (operation_id, status, instance_id, n)
  where status in ('failed', 'skipped');
create index bulk_item_by_instance on engine.bulk_item (instance_id);

-- Retention. History goes by the month: a partition is dropped as a whole, and what instances that are
-- kept have in it is carried over to here before, in the same transaction.
create table engine.history_carried (
  instance_id uuid        not null,
  from_seq    integer     not null,
  at          timestamptz not null,
  entries     text        not null,
  primary key (instance_id, from_seq)
);
create view engine.whole_history as
  select instance_id, from_seq, at, entries from engine.history
  union all
  select instance_id, from_seq, at, entries from engine.history_carried;
create index task_of_instance on engine.task (instance_id);
create index incident_of_instance on engine.incident (instance_id);
