-- What the small test module stores.
create table shop.item (
  id uuid primary key,
  name text not null unique,
  price numeric(14, 2) not null
);

create table shop.charge (
  idempotency_key text not null,
  item_id uuid not null
);

create table shop.heard (
  place bigint generated always as identity,
  what text not null
);
