-- Decisions (DMN) that were deployed, and every evaluation of one. Not an interface.

-- Each file once, however often it is deployed.
create table engine.decision_file (
  -- SHA-256 of the text.
  digest text primary key,
  name   text not null,
  xml    text not null
);

-- A version of a decision that a file has. What it requires is of the same file. Never changed.
create table engine.decision (
  decision    text        not null,
  version     integer     not null,
  name        text        not null,
  digest      text        not null references engine.decision_file (digest),
  deployed_at timestamptz not null,
  deployed_by text        not null,
  primary key (decision, version),
  unique (decision, digest)
);

-- One evaluation, written in the transaction of the step or request that asked for it. Ids tell the time.
create table engine.decision_evaluation (
  id           uuid        primary key,
  decision     text        not null,
  version      integer     not null,
  -- What it saw as now.
  evaluated_at timestamptz not null,
  evaluated_by text        not null,
  -- The step that asked; null when somebody else did.
  instance_id  uuid,
  element      text,
  given        json        not null,
  result       json        not null,
  -- Each decision that was made on the way, with inputs, rules that held, and result.
  steps        json        not null
);
create index decision_evaluation_by_decision on engine.decision_evaluation (decision, id);
create index decision_evaluation_by_instance on engine.decision_evaluation (instance_id, id)
  where instance_id is not null;
