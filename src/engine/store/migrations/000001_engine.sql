-- The engine's tables. They are not an interface: read them through the engine's procedures.

create table engine.definition (
  process     text        not null,
  version     integer     not null,
  name        text        not null,
  -- Digest of the graph: a version whose digest changed is another version.
  digest      text        not null,
  graph       jsonb       not null,
  deployed_at timestamptz not null default now(),
  primary key (process, version)
);

-- Units of ownership. A node writes only to instances of shards that it owns; `epoch` grows with every
-- change of owner, and every commit names the epoch that it was made under. How long the owner may be
-- silent is said in its own row, engine.node.
create table engine.shard (
  shard smallint primary key,
  owner uuid,
  epoch bigint   not null default 0
) with (fillfactor = 50);
insert into engine.shard (shard) select generate_series(0, 255);

create table engine.instance (
  id            uuid        primary key,
  shard         smallint    not null,
  process       text        not null,
  version       integer     not null,
  business_key  text,
  -- running: a job is due or at work. waiting: only something from outside can move it. suspended:
  -- nothing moves it until a person resumes it.
  status        text        not null
                check (status in ('running', 'waiting', 'suspended', 'completed', 'failed', 'cancelled')),
  -- Counts commits; every update names the revision that it was computed from.
  revision      bigint      not null,
  state         text        not null,
  trace_id      text        not null,
  -- A start that is asked for twice with the same key happens once.
  start_key     text,
  parent_id     uuid,
  parent_n      integer,
  started_at    timestamptz not null,
  -- Of the last transition.
  moved_at      timestamptz not null,
  ended_at      timestamptz
) with (fillfactor = 60);
-- What is due, for each process oldest first. None of these columns ever changes.
create index instance_running on engine.instance (process, id, shard) where status = 'running';
-- Open and ended instances of a version, each in the order of their ids. What an index names here must
-- not change while an instance runs, so that its transitions touch no index.
create index instance_by_version on engine.instance (process, version, (ended_at is null), id);
create index instance_by_business_key on engine.instance (business_key, id)
  where business_key is not null;
create unique index instance_start_key on engine.instance (process, start_key)
  where start_key is not null;
create index instance_children on engine.instance (parent_id) where parent_id is not null;

-- One row per transition; `entries` holds its history entries, whose sequence numbers begin at
-- `from_seq`. Partitioned by time, so that retention drops partitions.
create table engine.history (
  instance_id uuid        not null,
  from_seq    integer     not null,
  at          timestamptz not null,
  entries     text        not null
) partition by range (at);
create index history_by_instance on engine.history (instance_id, from_seq);
create table engine.history_default partition of engine.history default;

-- Values of instances that are too large to be written anew with each transition: stored once for each
-- instance, by the digest of their text, and referenced from its state and its history. They go with the
-- instance.
create table engine.large_value (
  instance_id uuid not null references engine.instance (id) on delete cascade,
  -- SHA-256 of the text, in base64url.
  digest      text not null,
  value       text not null,
  primary key (instance_id, digest)
);

-- A row is never changed: a wait that goes on in a loop keeps the number with which it began.
create table engine.message_wait (
  instance_id uuid    not null,
  n           integer not null,
  node        text    not null,
  process     text    not null,
  message     text    not null,
  key         text    not null,
  shard       smallint not null
);
-- The key comes first, since it tells most of them apart. The last columns put the oldest instance first, however
-- many wait for the same key, and spare the row itself: it is never changed, so the index alone can answer.
create index message_wait_by_key
  on engine.message_wait (key, message, process, instance_id, n, node) include (shard);
create index message_wait_by_instance on engine.message_wait (instance_id, n);

create table engine.timer (
  instance_id uuid        not null,
  n           integer     not null,
  node        text        not null,
  shard       smallint    not null,
  due_at      timestamptz not null
);
create index timer_due on engine.timer (due_at);
create index timer_by_instance on engine.timer (instance_id, n);

create table engine.task (
  id           uuid        primary key,
  instance_id  uuid        not null,
  n            integer     not null,
  process      text        not null,
  business_key text,
  node         text        not null,
  title        text        not null,
  subject      jsonb       not null,
  roles        text[]      not null,
  status       text        not null check (status in ('open', 'completed', 'cancelled')),
  created_at   timestamptz not null,
  due_at       timestamptz,
  closed_at    timestamptz,
  closed_by    text,
  -- What the process says of it, beside roles.
  candidate_users  text[]   not null default '{}',
  candidate_groups text[]   not null default '{}',
  -- Elements whose doer may not do this one.
  not_done_by  text[]       not null default '{}',
  priority     smallint     not null default 50,
  follow_up_at timestamptz,
  form_key     text,
  -- JSON: what happens while it stays open, [{at, groups, users, priority}], in the order of time; how
  -- many of them did, and when the next one does.
  escalations  jsonb,
  escalated    smallint     not null default 0,
  escalate_at  timestamptz,
  -- What people make of it. An owner who delegated waits for the assignee to resolve.
  assignee     text,
  owner        text,
  delegation   text         check (delegation in ('pending', 'resolved')),
  -- Who handed in an answer that may still be on its way to the instance.
  decided_by   text
);
create index task_open on engine.task (id) where status = 'open';
create index task_by_assignee on engine.task (assignee, id)
  where status = 'open' and assignee is not null;
create index task_by_due on engine.task (due_at, id) where status = 'open' and due_at is not null;
create index task_escalation on engine.task (escalate_at) where status = 'open' and escalate_at is not null;
-- For whom: names of roles and groups, and of users.
create index task_by_group on engine.task using gin ((roles || candidate_groups)) where status = 'open';
create index task_by_user on engine.task using gin (candidate_users)
  where status = 'open' and candidate_users <> '{}';
create unique index task_by_instance on engine.task (instance_id, n) where status = 'open';
create index task_by_business_key on engine.task (business_key, id);

-- Messages are kept until a wait takes them, or until they expire; taken ones stay for a while, so
-- that the same message again is recognised. One row per process and correlation key.
create table engine.message (
  id          uuid        not null,
  process     text        not null,
  name        text        not null,
  key         text        not null,
  payload     text        not null,
  received_at timestamptz not null,
  expires_at  timestamptz not null,
  taken_at    timestamptz,
  primary key (id, process, key)
);
create index message_by_key on engine.message (name, key, process, id) where taken_at is null;
-- Rows come in the order of time, so that a few words a megabyte are enough to find the old ones.
create index message_expiry on engine.message using brin (expires_at) with (autosummarize = on);

-- Keeps messages, and finds for each that was not known the wait that it goes to, among those that others have
-- committed; of several messages with one key each has a wait of its own. `crowded`: others of them have the
-- same key, and may have found none.
--
-- The settings keep the plans of these functions on the indexes, and the fence (`offset 0`) on the primary key.
-- A table of messages is empty one moment and full the next, and a plan that was made for the empty one
-- reads all of the full one, or all of an index, for each group of messages.
create function engine.keep_messages(
  p_ids uuid[], p_processes text[], p_names text[], p_keys text[], p_payloads text[],
  p_received_at timestamptz, p_expires_at timestamptz)
returns table (id uuid, process text, key text, instance_id uuid, n integer, node text, crowded boolean)
language plpgsql
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
#variable_conflict use_column
begin
  return query
    with kept as (
      insert into engine.message (id, process, name, key, payload, received_at, expires_at)
      select g.id, g.process, g.name, g.key, g.payload, p_received_at, p_expires_at
        from unnest(p_ids, p_processes, p_names, p_keys, p_payloads)
             as g (id, process, name, key, payload)
      on conflict do nothing
      returning message.id, message.process, message.name, message.key)
    select m.id, m.process, m.key, w.instance_id, w.n, w.node, m.together > 1
      from (select k.id, k.process, k.name, k.key,
                   row_number() over (partition by k.key, k.name, k.process order by k.id) - 1 as place,
                   count(*) over (partition by k.key, k.name, k.process) as together
              from kept k) as m
     cross join lateral (
       select v.instance_id, v.n, v.node from engine.message_wait v
        where v.message = m.name and v.key = m.key and v.process = m.process
        order by v.instance_id, v.n, v.node offset m.place limit 1) as w
     order by m.id;
end
$$;

-- The same for messages that were kept before and that nobody has taken. `p_shards` null: waits of all shards.
create function engine.match_messages(p_messages uuid[], p_shards smallint[])
returns table (id uuid, process text, name text, payload text, instance_id uuid, n integer, node text,
               key text, crowded boolean)
language plpgsql stable
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
begin
  return query
    select m.id, m.process, m.name, m.payload, w.instance_id, w.n, w.node,
           m.key, m.together > 1
      from (select k.id, k.process, k.name, k.key, k.payload,
                   row_number() over (partition by k.name, k.key, k.process order by k.id) - 1 as place,
                   count(*) over (partition by k.name, k.key, k.process) as together
              from (select distinct unnest(p_messages)) as p (id)
             cross join lateral (
               select o.* from engine.message o where o.id = p.id offset 0) as k
             where k.taken_at is null) as m
     cross join lateral (
       select v.instance_id, v.n, v.node from engine.message_wait v
        where v.message = m.name and v.key = m.key and v.process = m.process
          and (p_shards is null or v.shard = any (p_shards))
        order by v.instance_id, v.n, v.node offset m.place limit 1) as w
     order by m.id;
end
$$;

-- The other way round: for each wait, in the order in which they are given, the oldest message that nobody
-- has taken.
create function engine.match_waits(p_names text[], p_keys text[], p_processes text[])
returns table (place integer, id uuid, payload text)
language plpgsql stable
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
begin
  return query
    select w.place::integer, m.id, m.payload
      from (select a.name, a.key, a.process, a.place,
                   row_number() over (partition by a.name, a.key, a.process order by a.place) - 1 as nth
              from unnest(p_names, p_keys, p_processes) with ordinality
                   as a (name, key, process, place)) as w
     cross join lateral (
       select k.id, k.payload from engine.message k
        where k.taken_at is null and k.name = w.name and k.key = w.key and k.process = w.process
        order by k.id offset w.nth limit 1) as m
     order by w.place;
end
$$;

-- What people, other instances and other nodes ask of an instance.
create table engine.inbox (
  id          uuid        primary key,
  instance_id uuid        not null,
  shard       smallint    not null,
  event       text        not null,
  created_at  timestamptz not null,
  -- The node that waits for the answer: the row goes with the transition that it caused, or is marked
  -- as refused, which that node reads and removes.
  asked_by    uuid,
  refused_at  timestamptz
);
create index inbox_by_instance on engine.inbox (instance_id, id);

-- What was answered to updates that were taken, so that the same one again acts once and has the same
-- answer. Kept for 30 days.
create table engine.update_answer (
  instance_id uuid        not null,
  id          text        not null,
  name        text        not null,
  output      json        not null,
  at          timestamptz not null,
  primary key (instance_id, id)
);
create index update_answer_age on engine.update_answer (at);

create table engine.incident (
  id          uuid        primary key,
  instance_id uuid        not null,
  n           integer     not null,
  process     text        not null,
  business_key text,
  node        text        not null,
  code        text        not null,
  message     text        not null,
  -- The same for incidents that failed for the same reason.
  cause       text        not null,
  opened_at   timestamptz not null,
  closed_at   timestamptz
);
create unique index incident_open on engine.incident (instance_id, n) where closed_at is null;
create index incident_list on engine.incident (id) where closed_at is null;

-- Messages and signals that processes have thrown and that are not published yet: written with the
-- transition that threw them, gone with the transaction that starts and moves what waits for them.
create table engine.thrown (
  id        uuid        primary key,
  kind      text        not null check (kind in ('message', 'signal')),
  name      text        not null,
  payload   text        not null,
  trace_id  text        not null,
  thrown_at timestamptz not null
);

-- Puts a signal into the inbox of every instance that waits for it, once for each wait, and gives how many
-- that were. The thrower itself (null: nobody) has heard it already. The ids begin as that of the broadcast,
-- so that they are found together and handled in the order of broadcasts.
create function engine.broadcast(
  p_id uuid, p_from uuid, p_signal text, p_payload text, p_at timestamptz
) returns integer language plpgsql as $$
declare
  heard integer;
begin
  insert into engine.inbox (id, instance_id, shard, event, created_at)
  select (substr(p_id::text, 1, 18) || substr(gen_random_uuid()::text, 19))::uuid, w.instance_id, w.shard,
         json_build_object('type', 'signal', 'at', floor(extract(epoch from p_at) * 1000)::bigint,
                           'n', w.n, 'on', w.node, 'signal', p_signal,
                           'payload', p_payload::json)::text, p_at
    from (select distinct instance_id, shard, n, node from engine.message_wait
           where message = p_signal and key = '!signal' and instance_id is distinct from p_from) as w;
  get diagnostics heard = row_count;
  return heard;
end
$$;

-- Commits a group of transitions: all of them, or none.
--
-- Refused with SQLSTATE OL001 when a shard's lease is lost (the node must stop writing), with OL002
-- when an instance is not at the expected revision, or a message or inbox row was taken before (detail:
-- the ids of those instances; the rest of the group may be tried again without them).
--
-- The settings keep the plan on the primary key. Left to its guesses about a table that was never
-- analysed, PostgreSQL reads the whole of it for each group (measured: 30 instead of 17 microseconds
-- a step with 13,000 instances, and growing with each further one).
create function engine.commit_group(
  p_node      uuid,
  -- Those that the group writes to, in ascending order, and their epochs as the node knows them.
  p_shards    integer[],
  p_epochs    bigint[],
  p_at        timestamptz,
  p_ids       uuid[],
  p_revisions bigint[],
  p_states    text[],
  p_statuses  text[],
  p_from_seqs integer[],
  p_entries   text[],
  p_new_ids     uuid[],
  p_new_states  text[],
  p_new_entries text[],
  -- What else is known of the new instances, in the same order.
  p_new_facts json,
  p_more      json,
  -- How counts change with the group: one row, whatever the number of transitions; null for none.
  p_counts    text,
  -- What healthy transitions never have; null for none.
  p_rare      json,
  -- Waits for messages that are over, those that begin, and messages that were taken; null for none. By
  -- arrays, since reading them as JSON cost more than writing them.
  p_gone_ids       uuid[],
  p_gone_ns        integer[],
  -- Empty: all of the element.
  p_gone_nodes     text[],
  p_wait_ids       uuid[],
  p_wait_ns        integer[],
  p_wait_nodes     text[],
  p_wait_processes text[],
  p_wait_messages  text[],
  p_wait_keys      text[],
  -- By which instances.
  p_taken_by       uuid[],
  p_taken          uuid[],
  p_taken_processes text[]
) returns void language plpgsql
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
  changed integer;
  stale   text;
  epochs  bigint[];
begin
  if cardinality(p_shards) > 0 then
    -- One walk over the key, in the order in which they are given: to look each up cost five times as much,
    -- and as a join PostgreSQL compared each of the group with each of the node.
    select array_agg(s.epoch order by s.shard) into epochs
      from engine.shard s where s.shard = any (p_shards) and s.owner = p_node;
    if epochs is distinct from p_epochs then
      raise exception 'a shard lease was lost' using errcode = 'OL001';
    end if;
  end if;

  if cardinality(p_ids) > 0 then
    update engine.instance i
       set state = t.state, status = t.status, revision = i.revision + 1, moved_at = p_at,
           ended_at = case when t.status in ('completed', 'failed', 'cancelled') then p_at end
      from unnest(p_ids, p_revisions, p_states, p_statuses) as t (id, revision, state, status)
     where i.id = t.id and i.revision = t.revision;
    get diagnostics changed = row_count;
    if changed <> cardinality(p_ids) then
      select string_agg(t.id::text, ',') into stale
        from unnest(p_ids, p_revisions) as t (id, revision)
        left join engine.instance i on i.id = t.id and i.xmin = pg_current_xact_id()::xid
       where i.id is null;
      raise exception 'an instance is not at the expected revision'
        using errcode = 'OL002', detail = coalesce(stale, '');
    end if;
  end if;

  if cardinality(p_entries) > 0 then
    insert into engine.history (instance_id, from_seq, at, entries)
    select h.id, h.from_seq, p_at, h.entries
      from unnest(p_ids, p_from_seqs, p_entries) as h (id, from_seq, entries);
  end if;

  if cardinality(p_new_ids) > 0 then
    insert into engine.instance (id, shard, process, version, business_key, status, revision, state,
                                 trace_id, start_key, parent_id, parent_n, started_at, moved_at,
                                 ended_at)
    select s.id, shard, process, version, "businessKey", status, 1, s.state, "traceId", "startKey",
           "parentId", "parentN", p_at, p_at,
           case when status in ('completed', 'failed', 'cancelled') then p_at end
      from rows from (
        unnest(p_new_ids), unnest(p_new_states),
        json_to_recordset(p_new_facts) as (
          shard smallint, process text, version integer, "businessKey" text, status text,
          "traceId" text, "startKey" text, "parentId" uuid, "parentN" integer)
      ) as s (id, state);
    insert into engine.history (instance_id, from_seq, at, entries)
    select s.id, 1, p_at, s.entries from unnest(p_new_ids, p_new_entries) as s (id, entries);
  end if;

  if p_more is not null then
    perform engine.commit_more(p_at, p_more);
  end if;
  if p_gone_ids is not null then
    delete from engine.message_wait w
     using unnest(p_gone_ids, p_gone_ns, p_gone_nodes) as g (id, n, node)
     where w.instance_id = g.id and w.n = g.n and (g.node = '' or g.node = w.node);
  end if;
  if p_wait_ids is not null then
    insert into engine.message_wait (instance_id, n, node, process, message, key, shard)
    select id, n, node, process, message, key, get_byte(uuid_send(id), 15)
      from unnest(p_wait_ids, p_wait_ns, p_wait_nodes, p_wait_processes, p_wait_messages, p_wait_keys)
           as w (id, n, node, process, message, key);
  end if;
  if p_taken is not null then
    with took as (
      -- Neither a join nor `is null`, so that each is looked up by its key. For a join PostgreSQL read all
      -- of the index of messages that nobody has taken, for the group or for each row of it.
      update engine.message m set taken_at = p_at
       where m.id = any (p_taken) and coalesce(m.taken_at, 'infinity') = 'infinity'
         and case when (m.id, m.process) in (
               select t.message, t.process from unnest(p_taken, p_taken_processes) as t (message, process))
             then true else false end
      returning m.id
    )
    select count(distinct id) into changed from took;
    if changed <> (select count(distinct message) from unnest(p_taken) as t (message)) then
      select string_agg(t.id::text, ',') into stale
        from unnest(p_taken_by, p_taken, p_taken_processes) as t (id, message, process)
        left join engine.message m
          on m.id = t.message and m.process = t.process and m.taken_at = p_at
       where m.id is null;
      raise exception 'a message was taken by somebody else'
        using errcode = 'OL002', detail = coalesce(stale, '');
    end if;
  end if;
  if p_counts is not null then
    insert into engine.count_change (at, changes) values (p_at, p_counts);
  end if;
  if p_rare is not null then
    perform engine.commit_rare(p_at, p_rare);
  end if;
end
$$;

-- The less frequent parts of a group. Each key of `p_more` is absent or a list.
create function engine.commit_more(p_at timestamptz, p_more json) returns void language plpgsql as $$
declare
  stale text;
begin
  -- Before the waits of this group change: what a transition opens behind a throw was not there at it.
  if p_more->'thrown' is not null then
    insert into engine.thrown (id, kind, name, payload, trace_id, thrown_at)
    select "thrownId", kind, name, payload, "traceId", p_at
      from json_to_recordset(p_more->'thrown') as t (
        "thrownId" uuid, kind text, name text, payload text, "traceId" text);
    perform engine.broadcast("thrownId", id, name, payload, p_at)
      from json_to_recordset(p_more->'thrown') as t (
        "thrownId" uuid, id uuid, kind text, name text, payload text)
     where kind = 'signal';
  end if;

  if p_more->'waitsGone' is not null then
    delete from engine.message_wait w
     using json_to_recordset(p_more->'waitsGone') as g (id uuid, n integer, "on" text)
     where w.instance_id = g.id and w.n = g.n and (g."on" is null or g."on" = w.node);
    delete from engine.timer w
     using json_to_recordset(p_more->'waitsGone') as g (id uuid, n integer, "on" text)
     where w.instance_id = g.id and w.n = g.n and (g."on" is null or g."on" = w.node);
    update engine.task w
       set status = coalesce(g.status, 'cancelled'), closed_at = p_at,
           closed_by = case when g.status = 'completed' then coalesce(g.by, w.decided_by) end
      from json_to_recordset(p_more->'waitsGone') as g (id uuid, n integer, "on" text, status text, by text)
     where w.instance_id = g.id and w.n = g.n and w.status = 'open'
       and (g."on" is null or g."on" = w.node) and g.status <> 'parked';
  end if;

  if p_more->'timers' is not null then
    insert into engine.timer (instance_id, n, node, shard, due_at)
    select id, n, node, shard, due
      from json_to_recordset(p_more->'timers') as w (
        id uuid, n integer, node text, shard smallint, due timestamptz);
  end if;

  if p_more->'tasks' is not null then
    insert into engine.task (id, instance_id, n, process, business_key, node, title, subject, roles,
                             status, created_at, due_at, candidate_users, candidate_groups,
                             not_done_by, priority, follow_up_at, form_key, escalations, escalate_at,
                             assignee)
    select "taskId", id, n, process, "businessKey", node, title, coalesce(subject, 'null'),
           coalesce(roles, '{}'), 'open', p_at, due, coalesce(users, '{}'), coalesce(groups, '{}'),
           coalesce("notDoneBy", '{}'), coalesce(priority, 50), "followUp", "formKey", escalations,
           escalate, assignee
      from json_to_recordset(p_more->'tasks') as w (
        "taskId" uuid, id uuid, n integer, process text, "businessKey" text, node text, title text,
        subject jsonb, roles text[], due timestamptz, users text[], groups text[],
        "notDoneBy" text[], priority smallint, "followUp" timestamptz, "formKey" text,
        escalations jsonb, escalate timestamptz, assignee text);
  end if;

  -- Tasks of an instance that came to another version: the same rows, with what people made of them.
  if p_more->'tasksMoved' is not null then
    update engine.task t
       set node = w.node, title = w.title, subject = coalesce(w.subject, 'null'),
           roles = coalesce(w.roles, '{}'), candidate_users = coalesce(w.users, '{}'),
           candidate_groups = coalesce(w.groups, '{}'),
           not_done_by = coalesce(w."notDoneBy", '{}'), form_key = w."formKey"
      from json_to_recordset(p_more->'tasksMoved') as w (
        id uuid, n integer, node text, title text, subject jsonb, roles text[], users text[],
        groups text[], "notDoneBy" text[], "formKey" text)
     where t.instance_id = w.id and t.n = w.n and t.status = 'open';
  end if;

  if p_more->'handled' is not null then
    with gone as (
      delete from engine.inbox i
       using json_to_recordset(p_more->'handled') as h (id uuid, inbox uuid)
       where i.id = h.inbox
      returning i.id
    )
    select string_agg(h.id::text, ',') into stale
      from json_to_recordset(p_more->'handled') as h (id uuid, inbox uuid)
      left join gone on gone.id = h.inbox
     where gone.id is null;
    if stale is not null then
      raise exception 'an inbox row was handled by somebody else'
        using errcode = 'OL002', detail = stale;
    end if;
  end if;

  if p_more->'updates' is not null then
    with taken as (
      insert into engine.update_answer (instance_id, id, name, output, at)
      select "instanceId", id, name, coalesce(output, 'null'), p_at
        from json_to_recordset(p_more->'updates') as u (
          "instanceId" uuid, id text, name text, output json)
      on conflict do nothing
      returning instance_id, id
    )
    select string_agg(u."instanceId"::text, ',') into stale
      from json_to_recordset(p_more->'updates') as u ("instanceId" uuid, id text)
      left join taken t on t.instance_id = u."instanceId" and t.id = u.id
     where t.id is null;
    if stale is not null then
      raise exception 'an update was taken before' using errcode = 'OL002', detail = stale;
    end if;
  end if;

  if p_more->'migrated' is not null then
    update engine.instance i set version = m.version
      from json_to_recordset(p_more->'migrated') as m (id uuid, version integer)
     where i.id = m.id;
    -- Who did a task that has another id now did it all the same, for the rule of four eyes.
    update engine.task t
       set node = coalesce(m.renamed->>t.node, t.node),
           not_done_by = array(select coalesce(m.renamed->>one, one) from unnest(t.not_done_by) as one)
      from json_to_recordset(p_more->'migrated') as m (id uuid, renamed jsonb)
     where m.renamed is not null and t.instance_id = m.id and t.status <> 'open'
       and (t.closed_by is not null or t.decided_by is not null or t.resolved_by <> '{}');
  end if;

  if p_more->'incidentsRenamed' is not null then
    update engine.incident i set node = r.node, cause = r.cause
      from json_to_recordset(p_more->'incidentsRenamed') as r (
        id uuid, n integer, node text, cause text)
     where i.instance_id = r.id and i.n = r.n and i.closed_at is null;
  end if;

  if p_more->'inbox' is not null then
    insert into engine.inbox (id, instance_id, shard, event, created_at)
    select "inboxId", id, shard, event, p_at
      from json_to_recordset(p_more->'inbox') as i (
        "inboxId" uuid, id uuid, shard smallint, event text);
  end if;

  if p_more->'incidentsClosed' is not null then
    update engine.incident i set closed_at = p_at
      from json_to_recordset(p_more->'incidentsClosed') as c (id uuid, n integer)
     where i.instance_id = c.id and i.n = c.n and i.closed_at is null;
  end if;

  if p_more->'incidents' is not null then
    insert into engine.incident (id, instance_id, n, process, business_key, node, code, message,
                                 cause, opened_at)
    select "incidentId", id, n, process, "businessKey", node, code, message,
           cause, p_at
      from json_to_recordset(p_more->'incidents') as o (
        "incidentId" uuid, id uuid, n integer, process text, "businessKey" text, node text,
        code text, message text, cause text);
  end if;
end
$$;
