-- What came in from Kafka, and which dead letters were replayed.

-- One row for each message that a trigger has acted upon, written in the transaction of what it set
-- off. Rows are kept for longer than topics usually keep their messages, then swept out by age.
create table received (
  trigger text not null,
  message_id text not null,
  received_at timestamptz not null,
  primary key (trigger, message_id)
);

create index received_by_age on received (received_at);

-- Dead letters stay in their topic until Kafka's retention removes them; these were dealt with.
create table replayed (
  cluster text not null,
  topic text not null,
  partition integer not null,
  position bigint not null,
  replayed_by text not null,
  replayed_at timestamptz not null,
  primary key (cluster, topic, partition, position)
);

create index replayed_by_age on replayed (replayed_at);
