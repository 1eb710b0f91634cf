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
