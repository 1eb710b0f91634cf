-- Consumer groups: readers of the event log that remember how far they came.
--
-- One node owns a group at a time. `epoch` grows whenever the owner changes or the cursor is moved from
-- outside (a replay); every write of an owner names the epoch that it took the group under, so a node
-- that lost its group, or missed a replay, can no longer move the cursor.
create table consumer_group (
  name text primary key,
  -- Everything up to here is handled, parked as a dead letter, or none of this group's events.
  position bigint not null,
  epoch bigint not null default 0,
  owner uuid,
  lease_until timestamptz,
  paused_at timestamptz,
  paused_by text,
  -- Failures in a row of what comes after `position`, and the latest of them.
  attempts integer not null default 0,
  last_error text,
  last_error_at timestamptz,
  handled_at timestamptz,
  created_at timestamptz not null default clock_timestamp()
) with (fillfactor = 50);

-- Events that a group could not handle, and the later events of the same keys, which wait behind them.
create table dead_letter (
  consumer_group text not null references consumer_group (name) on delete cascade,
  position bigint not null,
  event_id uuid not null,
  event_name text not null,
  key text not null,
  attempts integer not null,
  error text not null,
  -- The letter that this one waits behind; null for one that failed itself.
  behind bigint,
  parked_at timestamptz not null,
  -- Set when somebody asked for another attempt; the group's owner makes it.
  replay_at timestamptz,
  primary key (consumer_group, position)
);

create index dead_letter_by_key on dead_letter (consumer_group, key, position);
create index dead_letter_to_replay on dead_letter (consumer_group, position) where replay_at is not null;

-- Which nodes run a group: they share the groups out among themselves.
create table group_member (
  consumer_group text not null references consumer_group (name) on delete cascade,
  node uuid not null,
  -- Renewed with the claims of the node.
  live_until timestamptz not null,
  primary key (consumer_group, node)
);
