-- Drawings (BPMN 2.0) that were deployed while the program ran, or that it brought with it.

-- Each file once, however often it is deployed.
create table engine.drawing_file (
  -- SHA-256 of the text.
  digest text primary key,
  name   text not null,
  xml    text not null,
  -- Procedures by what stands for them in drawings of other engines; null when it was given none.
  delegates jsonb
);

-- A version of a process that a file draws. Never changed, never deleted while instances are on it.
create table engine.drawing (
  process     text        not null,
  version     integer     not null,
  digest      text        not null references engine.drawing_file (digest),
  -- Counts deployments, in the order of their commits: a lock sees to it. Nodes read what is new to them.
  number      bigint      generated always as identity unique,
  deployed_at timestamptz not null,
  deployed_by text        not null,
  primary key (process, version),
  unique (process, digest)
);

-- Refuses, with SQLSTATE OL003, the facts of a program that has not learnt of every drawing that is
-- deployed: it cannot know who waits for them. The lock is shared by all that commit facts and held until
-- they have; a deployment takes it for itself. So a fact is committed before a deployment, or knows of it.
-- What the same transaction deployed is not held against its own facts.
create function engine.expect_drawings_known(p_known bigint) returns void language plpgsql as $$
begin
  perform pg_advisory_xact_lock_shared(hashtext('engine.drawing facts'));
  if exists (select from engine.drawing
              where number > p_known and xmin <> pg_current_xact_id()::xid) then
    raise exception 'drawings were deployed that this program does not know yet' using errcode = 'OL003';
  end if;
end;
$$;
