-- External tasks: work that is handed out to workers outside of the program. Not an interface.

-- One row for each external task that an instance waits at. What belongs to the process (topic, attempt,
-- retries) follows from its transitions; who holds it, and until when, stands only here.
create table engine.external_task (
  id            uuid        primary key,
  instance_id   uuid        not null,
  n             integer     not null,
  process       text        not null,
  business_key  text,
  node          text        not null,
  topic         text        not null,
  priority      bigint      not null,
  attempt       integer     not null,
  -- Null until a worker failed at it. 0: handed out no more until a person says so.
  retries       integer,
  created_at    timestamptz not null,
  -- Free to be handed out from then on: the end of a lock, or of the pause after a failure.
  free_at       timestamptz not null,
  suspended     boolean     not null default false,
  worker        text,
  -- Counts how often it was handed out: a worker that names it is refused when it is another by now.
  lock          integer     not null default 0,
  -- The request by which its worker ends the attempt: while that is on its way nobody else is handed it.
  settling      uuid,
  error_message text,
  error_details text
) with (fillfactor = 60);
-- Handing out and locking change none of these columns, so that they touch no index.
create unique index external_task_by_element on engine.external_task (instance_id, n);
create index external_task_by_priority on engine.external_task (topic, priority desc, id)
  where not suspended and coalesce(retries, 1) > 0;
create index external_task_by_age on engine.external_task (topic, id)
  where not suspended and coalesce(retries, 1) > 0;

-- The part of a group that concerns external tasks. An attempt that goes on keeps its worker.
create function engine.commit_external(p_at timestamptz, p_rare json) returns void language plpgsql as $$
begin
  if p_rare->'externalGone' is not null then
    delete from engine.external_task t
     using json_to_recordset(p_rare->'externalGone') as g (id uuid, n integer)
     where t.instance_id = g.id and t.n = g.n;
  end if;
  if p_rare->'externalParked' is not null then
    update engine.external_task t set suspended = true
      from json_to_recordset(p_rare->'externalParked') as g (id uuid, n integer)
     where t.instance_id = g.id and t.n = g.n;
  end if;
  if p_rare->'external' is not null then
    insert into engine.external_task as t (id, instance_id, n, process, business_key, node, topic,
                                           priority, attempt, retries, created_at, free_at,
                                           error_message, error_details)
    select "taskId", id, n, process, "businessKey", node, topic, priority, attempt, retries, p_at,
           coalesce("freeAt", '-infinity'), failed, details
      from json_to_recordset(p_rare->'external') as e (
        "taskId" uuid, id uuid, n integer, process text, "businessKey" text, node text, topic text,
        priority bigint, attempt integer, retries integer, "freeAt" timestamptz, failed text,
        details text)
    on conflict (instance_id, n) do update
      set node = excluded.node, topic = excluded.topic, retries = excluded.retries,
          suspended = false, error_message = excluded.error_message,
          attempt = excluded.attempt,
          worker = case when t.attempt = excluded.attempt then t.worker end,
          free_at = case when t.attempt = excluded.attempt then t.free_at else excluded.free_at end,
          settling = case when t.attempt = excluded.attempt then t.settling end,
          error_details = case when excluded.error_message is distinct from t.error_message
                                 then excluded.error_details
                               else coalesce(excluded.error_details, t.error_details) end;
  end if;
end
$$;
