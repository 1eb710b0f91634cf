-- Accounts: who may call, under which roles. An email belongs to one account, whatever its case.
create table users.accounts (
  id            uuid primary key,
  email         text not null check (length(email) between 3 and 254),
  name          text not null check (length(name) between 1 and 200),
  phone         text check (length(phone) between 3 and 40),
  password_hash text not null check (password_hash like '$argon2id$%'),
  roles         text[] not null check (
    cardinality(roles) > 0
    and roles <@ array['customer', 'support', 'manager', 'operator', 'admin', 'service']
  ),
  created_at    timestamptz not null,
  updated_at    timestamptz not null
);

create unique index accounts_email_key on users.accounts (lower(email));

-- Finds the admins without reading every account, when the last one is about to be demoted.
create index accounts_admins on users.accounts (id) where 'admin' = any (roles);
