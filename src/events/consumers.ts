/**
 * The consumers of a node, and which groups it holds. A claim is renewed at a third of its length; a
 * node that could not renew for as long as its claim lasts stops by itself, and were it only paused
 * meanwhile, its late writes are refused by the epoch.
 *
 * The nodes that run the same groups share them out (`group-shares.ts`). A group that another node is to
 * have is *yielded*: its loop ends what is at hand, then the claim is given back and the others are told.
 */
import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/procedure.ts';
import { nameSchema } from '../kernel/text.ts';
import type { Database } from '../postgres/index.ts';
import { createBell } from './bell.ts';
import { consumeGroup, type ReadableLog } from './consume-group.ts';
import { ensureGroup, type HeldGroup, releaseClaims, tendClaims } from './consumer-group-store.ts';
import type { ConsumerOptions } from './consumer-options.ts';
import { joinGroups, leaveGroups, readSharedGroups } from './group-members.ts';
import { shareGroups } from './group-shares.ts';

/** A consumer of this node. It handles events while the node holds its group. */
export interface Consumer {
  readonly group: string;
  /** True while this node holds the group. */
  readonly isOwner: boolean;
  /** Ends after the events at hand and gives the group back. May be called twice. */
  stop(): Promise<void>;
}

/** All consumers of a node. */
export interface Consumers {
  add(options: ConsumerOptions): Consumer;
  /** Begins to claim groups. Those that were added before begin now. */
  start(): void;
  /** Looks anew at who owns what, because a group was changed. */
  changed(): void;
  stop(): Promise<void>;
}

/** How long `stop` waits for events at hand before `deliver` is told to give up. */
const longestEndMs = 5_000;

interface Entry {
  readonly options: ConsumerOptions;
  readonly bell: ReturnType<typeof createBell>;
  readonly abort: AbortController;
  held: HeldGroup | null;
  /** In milliseconds of `performance.now`: after this the claim may have run out. */
  heldUntilMs: number;
  exists: boolean;
  /** Another node is to have it; `rested` once nothing of it is at hand here any more. */
  yielding: 'no' | 'asked' | 'rested';
  stopping: boolean;
  running: Promise<void> | undefined;
}

/** Makes the consumers of a node; none is running before `start`. */
export function createConsumers(parts: {
  readonly log: ReadableLog & { horizon(): Promise<string> };
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Log;
  readonly node: string;
  readonly leaseMs: number;
  /** Keeps the connection alive that says this node lives. */
  readonly checkWire: () => Promise<void>;
  /** Tells the other nodes that groups were given back, or that there is one more to share them. */
  readonly tellOthers: () => void;
}): Consumers {
  const { database, node, leaseMs, logger } = parts;
  const entries = new Map<string, Entry>();
  const tending = createBell();
  let loop: Promise<void> | undefined;
  let stopping = false;
  let groupsChanged = false;

  async function tend(ringAll: boolean): Promise<void> {
    await parts.checkWire();
    const active = [...entries.values()].filter((entry) => !entry.stopping);
    for (const entry of active) await ensureExists(entry);
    if (active.length === 0) return;
    const begunMs = performance.now();
    const names = await share(active);
    const held = new Map(
      (await tendClaims(database, node, names, leaseMs)).map((group) => [group.name, group]),
    );
    for (const entry of active) {
      const found = held.get(entry.options.group);
      if (!names.includes(entry.options.group)) continue;
      // Not found is somebody else's, or locked at the moment, or was deleted: what is held runs out by
      // itself, and the row is made anew where there is none.
      if (!found) {
        entry.exists = false;
        continue;
      }
      const before = entry.held;
      // Its loop may have found so, and rests until the claim is back.
      const ranOut = performance.now() >= entry.heldUntilMs;
      entry.held = found;
      entry.heldUntilMs = begunMs + leaseMs;
      const same = !ranOut && before?.epoch === found.epoch && before.paused === found.paused;
      // A renewal in time wakes nobody: it would cut the pause after a failure short.
      if (!same || ringAll) entry.bell.ring();
    }
  }

  /** Gives away what others are to have, and gives the names of what is to be renewed or taken here. */
  async function share(active: readonly Entry[]): Promise<readonly string[]> {
    const all = active.map(({ options }) => options.group);
    const joined = await joinGroups(database, node, all, leaseMs);
    const shares = shareGroups(await readSharedGroups(database));
    const ours: string[] = [];
    const given: Entry[] = [];
    for (const entry of active) {
      const { group } = entry.options;
      // One that was deleted a moment ago has no share yet.
      const isOurs = (shares.get(group) ?? node) === node;
      if (isOurs) {
        // Its loop may rest already, and goes on.
        if (entry.yielding !== 'no') entry.bell.ring();
        entry.yielding = 'no';
      } else if (entry.held && entry.yielding === 'rested') given.push(entry);
      else if (entry.held && entry.yielding === 'no') {
        entry.yielding = 'asked';
        entry.bell.ring();
      }
      if (isOurs || (entry.held && entry.yielding === 'asked')) ours.push(group);
    }
    for (const entry of given) {
      entry.held = null;
      entry.yielding = 'no';
    }
    const names = given.map(({ options }) => options.group);
    if (names.length > 0) await releaseClaims(database, node, names);
    if (names.length > 0 || joined > 0) parts.tellOthers();
    return ours;
  }

  async function ensureExists(entry: Entry): Promise<void> {
    if (entry.exists) return;
    const { group, startAt = 'beginning' } = entry.options;
    await ensureGroup(database, group, startAt === 'end' ? await parts.log.horizon() : '0');
    entry.exists = true;
  }

  async function tendAlways(): Promise<void> {
    while (!stopping) {
      const ringAll = groupsChanged;
      groupsChanged = false;
      try {
        await tend(ringAll);
      } catch (error) {
        if (!stopping) logger.warn({ error }, 'consumer groups could not be claimed; tried again');
      }
      await tending.wait(leaseMs / 3);
    }
  }

  function begin(entry: Entry): void {
    entry.running ??= consumeGroup({
      ...parts,
      options: entry.options,
      bell: entry.bell,
      signal: entry.abort.signal,
      held: () =>
        entry.yielding === 'no' && performance.now() < entry.heldUntilMs ? entry.held : null,
      rests() {
        if (entry.yielding !== 'asked') return;
        entry.yielding = 'rested';
        tending.ring();
      },
      lost() {
        entry.held = null;
        tending.ring();
      },
      owns: (epoch) => entry.held?.epoch === epoch && performance.now() < entry.heldUntilMs,
      isStopping: () => entry.stopping,
    });
  }

  async function end(entry: Entry): Promise<void> {
    entry.stopping = true;
    entry.bell.ring();
    const timer = setTimeout(() => entry.abort.abort(), longestEndMs);
    await entry.running;
    clearTimeout(timer);
    const { group } = entry.options;
    entries.delete(group);
    const wasHeld = entry.held !== null;
    entry.held = null;
    try {
      await leaveGroups(database, node, [group]);
      if (!wasHeld) return;
      await releaseClaims(database, node, [group]);
      parts.tellOthers();
    } catch (error) {
      logger.debug({ error }, 'a consumer group was not given back; its claim runs out');
    }
  }

  return {
    add(options) {
      const { group } = options;
      // Refused where it is written: in a list it would be found by those who only look.
      const name = nameSchema.safeParse(group);
      if (!name.success) {
        throw new Error(`${name.error.issues[0]?.message}; found "${group}" as a consumer group`);
      }
      if (entries.has(group)) {
        throw new Error(`expected one consumer of "${group}" on a node, found a second one`);
      }
      const entry: Entry = {
        options,
        bell: createBell(),
        abort: new AbortController(),
        held: null,
        heldUntilMs: 0,
        exists: false,
        yielding: 'no',
        stopping: false,
        running: undefined,
      };
      entries.set(group, entry);
      begin(entry);
      tending.ring();
      let stopped: Promise<void> | undefined;
      return {
        group,
        get isOwner() {
          return entry.held !== null && performance.now() < entry.heldUntilMs;
        },
        stop() {
          stopped ??= end(entry);
          return stopped;
        },
      };
    },
    start() {
      loop ??= tendAlways();
    },
    changed() {
      groupsChanged = true;
      tending.ring();
    },
    async stop() {
      stopping = true;
      tending.ring();
      await loop;
      await Promise.all([...entries.values()].map(end));
    },
  };
}
