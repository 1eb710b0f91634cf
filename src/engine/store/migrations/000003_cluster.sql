-- Nodes that share the shards, and how they come to terms about them.

create table engine.node (
  id           uuid        primary key,
  name         text        not null,
  host         text        not null,
  pid          integer     not null,
  role         text        not null check (role in ('serve', 'worker', 'api')),
  version      text        not null,
  -- What PostgreSQL calls the sessions of this node and of no other; null when that is not so.
  session_name text,
  started_at   timestamptz not null,
  heartbeat_at timestamptz not null,
  -- Its shards are its own until then, as long as it lives.
  lease_until  timestamptz not null,
  draining     boolean     not null,
  figures      json        not null
) with (fillfactor = 50);

-- The second keys of the advisory locks by which nodes say that they live. PostgreSQL frees the lock of a
-- node that dies with its session.
create function engine.living_keys() returns bigint[] stable language sql as $$
  select coalesce(array_agg(objid::bigint), '{}') from pg_locks
   where locktype = 'advisory' and classid = 28524 and objsubid = 2 and granted
     and database = (select oid from pg_database where datname = current_database())
$$;

-- The key of one node.
create function engine.living_key(p_node uuid) returns bigint immutable language sql as $$
  select hashtext(p_node::text)::bigint & 4294967295
$$;

-- A node says that it is here, and takes free shards up to its share: 256 divided by the nodes that take
-- any. A shard is free when nobody owns it, or when its owner is dead: its lock is gone, or its lease is
-- over. One call at a time over the whole cluster, in one statement, so that no node can stop in the
-- middle. `p_judges` false: the server was away a moment ago, and others may not be back yet.
create function engine.tend(
  p_node uuid, p_facts json, p_lease_ms integer, p_judges boolean
) returns json language plpgsql as $$
declare
  living    uuid[];
  takers    uuid[];
  share     integer := 0;
  mine      integer;
  displaced uuid[] := '{}';
begin
  perform pg_advisory_xact_lock(28524, 0);

  insert into engine.node (id, name, host, pid, role, version, session_name, started_at, heartbeat_at,
                           lease_until, draining, figures)
  select p_node, name, host, pid, role, version, "sessionName", "startedAt", clock_timestamp(),
         clock_timestamp() + p_lease_ms * interval '1 millisecond', draining, figures
    from json_to_record(p_facts) as f (
      name text, host text, pid integer, role text, version text, "sessionName" text,
      "startedAt" timestamptz, draining boolean, figures json)
  on conflict (id) do update
     set heartbeat_at = excluded.heartbeat_at, lease_until = excluded.lease_until,
         draining = excluded.draining, figures = excluded.figures;

  select array_agg(id order by id),
         coalesce(array_agg(id order by id) filter (where role <> 'api' and not draining), '{}')
    into living, takers
    from engine.node, (select engine.living_keys() as keys) as k
   where id = p_node
      or case when p_judges
              then lease_until > clock_timestamp() and engine.living_key(id) = any(k.keys)
              else heartbeat_at > clock_timestamp() - interval '1 hour' end;

  if p_node = any(takers) then
    share := 256 / cardinality(takers);
    if array_position(takers, p_node) <= 256 % cardinality(takers) then
      share := share + 1;
    end if;
  end if;

  select count(*) into mine from engine.shard where owner = p_node;
  if mine < share then
    with free as (
      select shard, owner from engine.shard
       where owner is null or owner <> all(living) order by shard limit share - mine
    ), took as (
      update engine.shard s set owner = p_node, epoch = s.epoch + 1
        from free where s.shard = free.shard returning free.owner
    )
    select coalesce(array_agg(distinct owner) filter (where owner is not null), '{}')
      into displaced from took;
  end if;

  return json_build_object(
    'share', share,
    'peers', cardinality(living) - 1,
    'leastQueued', (select min(coalesce((figures->>'jobsQueued')::integer, 0)) from engine.node
                     where id = any(takers) and id <> p_node),
    'shards', (select coalesce(json_agg(json_build_array(shard, epoch) order by shard), '[]')
                 from engine.shard where owner = p_node),
    'displaced', (select coalesce(json_agg(session_name), '[]') from engine.node
                   where id = any(displaced) and session_name is not null));
end
$$;

-- The calls to an outside system that its rate allows, for all nodes together.
create table engine.call_rate (
  system    text             primary key,
  -- Below nothing when more were made than there were.
  calls     double precision not null,
  filled_at timestamptz      not null
) with (fillfactor = 50);

-- Takes up to so many calls out of a system's bucket, which fills by the server's clock up to the burst;
-- `p_made` were made already, and are counted first. Gives how many it took, and when there is one again.
create function engine.take_calls(
  p_system text, p_per_second double precision, p_burst double precision,
  p_wanted double precision, p_made double precision,
  out taken double precision, out again_in_ms double precision
) language plpgsql as $$
declare
  there double precision;
begin
  insert into engine.call_rate as r (system, calls, filled_at)
  values (p_system, p_burst, clock_timestamp())
  on conflict (system) do update
     set calls = least(p_burst, r.calls + p_per_second
                 * greatest(0, extract(epoch from clock_timestamp() - r.filled_at)::double precision)),
         filled_at = greatest(r.filled_at, clock_timestamp())
  returning calls into there;
  there := there - p_made;
  taken := greatest(0, least(p_wanted, floor(there)));
  again_in_ms := case when there - taken >= 1 then 0
                      else ceil((1 - (there - taken)) * 1000 / p_per_second) end;
  update engine.call_rate set calls = there - taken where system = p_system;
end
$$;
