-- Tickets: what a person must look after. One per order and reason, however often it is reported.
create table support.tickets (
  id         uuid primary key,
  order_id   uuid not null,
  user_id    uuid,
  subject    text not null check (length(subject) between 1 and 200),
  reason     text not null check (length(reason) between 1 and 100),
  status     text not null check (status in ('open', 'closed')),
  resolution text check (length(resolution) <= 2000),
  created_at timestamptz not null,
  closed_at  timestamptz,
  closed_by  uuid,
  constraint tickets_once_per_order_and_reason unique (order_id, reason),
  constraint tickets_closed_at_when_closed check ((status = 'closed') = (closed_at is not null))
);

-- The lists that people look at: what is open, and what one customer has.
create index tickets_by_status on support.tickets (status, id);
create index tickets_by_user on support.tickets (user_id, id);
