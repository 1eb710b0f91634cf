-- Products: what can be ordered, and at which price. Ids are texts such as prod-123.
create table catalog.products (
  id          text primary key check (id ~ '^[a-z0-9][a-z0-9-]{0,63}$'),
  sku         text unique check (length(sku) between 1 and 64),
  name        text not null check (length(name) between 1 and 200),
  description text not null check (length(description) <= 4000),
  -- Twelve digits before the point; four after it hold every ISO 4217 currency.
  price       numeric(16, 4) not null check (price >= 0),
  currency    text not null check (currency ~ '^[A-Z]{3}$'),
  physical    boolean not null,
  active      boolean not null,
  created_at  timestamptz not null,
  updated_at  timestamptz not null
);

-- The order of every list.
create index products_by_name on catalog.products (name, id);
