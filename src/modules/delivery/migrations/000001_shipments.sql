-- Shipments: one of each order.
create table delivery.shipments (
  id                    uuid primary key,
  order_id              uuid not null unique,
  user_id               uuid not null,
  status                text not null check (status in (
    'requested', 'created', 'in_transit', 'out_for_delivery', 'delivered', 'failed', 'cancelled'
  )),
  detail                text,
  provider              text not null,
  address               jsonb,
  items                 jsonb not null default '[]',
  courier_shipment_id   text,
  tracking_number       text,
  tracking_url          text,
  estimated_delivery_at timestamptz,
  delivered_at          timestamptz,
  cancel_requested_at   timestamptz,
  asked_at              timestamptz,
  created_at            timestamptz not null,
  updated_at            timestamptz not null,
  unique (provider, courier_shipment_id)
);

create index shipments_tracking on delivery.shipments (tracking_number)
  where tracking_number is not null;
create index shipments_user on delivery.shipments (user_id, id);
create index shipments_status on delivery.shipments (status, id);
create index shipments_unheard on delivery.shipments (coalesce(asked_at, updated_at))
  where status in ('created', 'in_transit', 'out_for_delivery', 'failed')
    and courier_shipment_id is not null;
