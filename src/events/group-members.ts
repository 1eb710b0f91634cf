/**
 * The rows that say which node runs which consumer groups. A row counts while its node renews it and
 * PostgreSQL sees the node's session: a dead node is no member at once, one that sleeps after a lease.
 */
import type { Statements } from './consumer-group-store.ts';
import type { SharedGroup } from './group-shares.ts';
import { livingNodes, nodeKey } from './log-wire.ts';

/** The node runs these groups for as long as a lease. Resolves with how many of them are new. */
export async function joinGroups(
  on: Statements,
  node: string,
  names: readonly string[],
  leaseMs: number,
): Promise<number> {
  const { rows } = await on.query<{ isNew: boolean }>(
    `with forgotten as (
       delete from events.group_member m using (
         select consumer_group, node from events.group_member
          where live_until < clock_timestamp() - interval '1 minute' for update skip locked) as old
        where m.consumer_group = old.consumer_group and m.node = old.node and m.node <> $1)
     insert into events.group_member (consumer_group, node, live_until)
     select name, $1, clock_timestamp() + $3 * interval '1 millisecond'
       from events.consumer_group where name = any($2) order by name
     on conflict (consumer_group, node) do update set live_until = excluded.live_until
     returning xmax = 0 as "isNew"`,
    [node, names, leaseMs],
  );
  return rows.filter(({ isNew }) => isNew).length;
}

/** The node runs these groups no more. */
export async function leaveGroups(
  on: Statements,
  node: string,
  names: readonly string[],
): Promise<void> {
  await on.query('delete from events.group_member where node = $1 and consumer_group = any($2)', [
    node,
    names,
  ]);
}

/** Every group that a living node runs, with its members in the order of their ids. */
export async function readSharedGroups(on: Statements): Promise<readonly SharedGroup[]> {
  const { rows } = await on.query<SharedGroup>(
    `with living as (${livingNodes}),
     member as (
       select consumer_group, array_agg(node::text order by node) as nodes
         from events.group_member
        where live_until >= clock_timestamp() and ${nodeKey('node')} in (select key from living)
        group by consumer_group)
     select g.name, m.nodes as members,
            case when g.owner::text = any(m.nodes) and g.lease_until >= clock_timestamp()
                 then g.owner::text end as owner
       from events.consumer_group g join member m on m.consumer_group = g.name`,
  );
  return rows;
}
