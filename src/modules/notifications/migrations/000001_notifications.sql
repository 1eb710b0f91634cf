-- Notifications: one of each type for each order, whether it was sent or only stored.
create table notifications.notifications (
  id         uuid primary key,
  type       text not null,
  order_id   uuid not null,
  user_id    uuid,
  recipient  text not null,
  subject    text not null,
  body       text not null,
  message_id text not null unique,
  status     text not null check (status in ('stored', 'sent', 'failed')),
  failure    text,
  created_at timestamptz not null,
  sent_at    timestamptz,
  unique (order_id, type)
);

create index notifications_user on notifications.notifications (user_id, id);
create index notifications_status on notifications.notifications (status, id);
