-- What people did with a task and said about it. Not an interface.

-- One row for each thing that somebody did, in the transaction that did it. What the process did (created,
-- completed, cancelled) is told by the task's own row.
create table engine.task_event (
  id      uuid        primary key,
  task_id uuid        not null references engine.task (id) on delete cascade,
  at      timestamptz not null,
  kind    text        not null,
  -- Who did it; null when nobody did, as when it was overdue.
  by      text,
  data    jsonb       not null default '{}'
);
create index task_event_by_task on engine.task_event (task_id, id);

-- Who worked on it for its owner and gave it back.
alter table engine.task add column resolved_by text[] not null default '{}';
-- Which tasks of an instance somebody did or worked on, for the rule of four eyes.
create index task_done on engine.task (instance_id)
  where closed_by is not null or decided_by is not null or resolved_by <> '{}';
