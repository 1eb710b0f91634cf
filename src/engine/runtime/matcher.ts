/**
 * Brings kept messages and open waits together. Both sides look after their own commit, so whichever
 * commits later finds the other: a message can come long before its wait, at the same moment, or
 * after it, and is never lost between the two.
 *
 * Should a node die between a commit and its look, the walk finds the pair: it goes through the messages
 * that nobody has taken, page by page, all of them after a start or a take-over, and a piece now and then.
 * What one look costs does not grow with the messages that are kept or the instances that wait.
 */
import { ShortLivedMap, ShortLivedSet } from '../../kernel/short-lived.ts';
import type { Match, MessagePlace, OpenWait } from '../store/message-store.ts';

/** What a matcher is made of. */
export interface MatcherOptions {
  /**
   * Waits for messages; those of other nodes are left out. With `tell`, their owners are told of the
   * messages that go to them.
   */
  readonly matchMessages: (ids: readonly string[], tell: boolean) => Promise<readonly Match[]>;
  /** Messages for waits. */
  readonly matchWaits: (waits: readonly OpenWait[]) => Promise<readonly Match[]>;
  /** Messages that nobody has taken, from a place on, so many at most. */
  readonly readKept: (
    after: MessagePlace | null,
    limit: number,
  ) => Promise<readonly MessagePlace[]>;
  /** Moves the instance; false when the wait was gone by then. */
  readonly deliver: (match: Match) => Promise<boolean>;
  /** Whether a wait that has taken a message may be open still: it goes on, or nobody here knows. */
  readonly mayBeOpen: (match: Match) => boolean;
  /** True once the node stops: nothing new is noted then, what is under way is finished. */
  readonly stopping: () => boolean;
  readonly failed: (error: unknown) => void;
}

/** Messages or waits of one statement: more of them delay each other more than they save. */
const mostTogether = 500;
/** Statements under way at the same time: the next one is on its way while one is answered. */
const lanes = 2;
/**
 * Instances that messages are on their way to at most: with so many nothing new is looked for. What waits as a
 * message costs an id of memory, what is on its way costs its instance; and the more instances are on their way,
 * the more time each of them costs, just when there is more to do than can be done. However many messages are
 * for one instance, they hold up no other.
 */
const mostOnTheWay = 1_000;
/**
 * Matches that stand in line for the way at most. They spare their messages a second look, which would make each
 * of them dearer once more come than can be taken for a moment; what is beyond them costs an id of memory each.
 */
const mostInLine = 20_000;
/** Kept messages that the walk looks at by one statement. */
const messagesPerPage = 1_000;
/** A piece of the walk ends after this time: a twentieth of the five seconds between two pieces. */
const pieceMs = 250;

/** A message on its way to an instance. */
interface Delivery {
  readonly match: Match;
  /** Of the match, as `keyOf` says it. */
  readonly key: string;
  /** Others that would have liked the same message or the same wait: looked at again when it has ended. */
  readonly passedOver: Match[];
}

/** Delivers each kept message to one wait of each process, once. */
export class Matcher {
  readonly #options: MatcherOptions;
  readonly #onTheWay = new ShortLivedMap<string, Delivery>();
  /** How many deliveries are on their way to an instance. */
  readonly #towards = new ShortLivedMap<string, number>();
  /**
   * What was met when it was written, in line for the way, by `keyOf`. Its wait may be gone by the time; what is
   * taken meanwhile leaves the line.
   */
  readonly #line = new ShortLivedMap<string, Match>();
  readonly #messages = new ShortLivedSet<string>();
  readonly #toldMessages = new ShortLivedSet<string>();
  /** Messages that could not be delivered: looked at again by the next sweep, when it may be possible. */
  readonly #undelivered = new Set<string>();
  #waits: OpenWait[] = [];
  readonly #deliveries = new ShortLivedSet<Promise<void>>();
  /**
   * For each look that is not answered yet what was taken since it was asked: the answer may name it all the same,
   * and a wait that goes on would take it again, to be refused by the database.
   */
  readonly #takenSince = new Set<Set<string>>();
  readonly #running = new Set<Promise<void>>();
  #isScheduled = false;
  #closed = false;
  /** Where the walk stands; null: at the beginning. */
  #place: MessagePlace | null = null;
  #walking: Promise<void> | undefined;
  /** The walk has to begin anew, to see what it may have passed already. */
  #isAnew = false;

  constructor(options: MatcherOptions) {
    this.#options = options;
  }

  /** Messages that were just committed. */
  noteMessages(ids: readonly string[]): void {
    if (this.#options.stopping()) return;
    for (const id of ids) this.#messages.add(id);
    this.#run();
  }

  /**
   * Messages that were just committed and the waits of this node that they met when they were written. They go
   * there at once, unless older ones are to be looked for or too much is on its way: then behind those.
   */
  noteMatches(matches: readonly Match[]): void {
    if (matches.length === 0 || this.#closed || this.#options.stopping()) return;
    if (this.hasRoomFor(matches.length)) {
      this.#begin(this.#deliverAll(matches));
      return;
    }
    const room = this.#messages.size > 0 ? 0 : mostInLine - this.#line.size;
    for (const match of matches.slice(0, room)) this.#line.set(keyOf(match), match);
    this.#deliverLine();
    this.noteMessages(matches.slice(room).map(({ messageId }) => messageId));
  }

  /** Whether so many matches would go on their way at once. */
  hasRoomFor(count: number): boolean {
    return this.#messages.size === 0 && this.#line.size === 0 && this.#room >= count;
  }

  /** Messages that another node has committed, and that meet waits of this one. */
  noteToldMessages(ids: readonly string[]): void {
    if (this.#options.stopping()) return;
    for (const id of ids) this.#toldMessages.add(id);
    this.#run();
  }

  /** Waits of this node that were just committed. */
  noteWaits(waits: readonly OpenWait[]): void {
    if (waits.length === 0 || this.#options.stopping()) return;
    this.#waits.push(...waits);
    this.#run();
  }

  /**
   * Goes through all messages that nobody has taken, after a start or take-over. Of two who ask at the
   * same time both are served by the later walk.
   */
  async walk(): Promise<void> {
    this.#isAnew = true;
    await this.#walking?.catch(() => undefined);
    if (this.#isAnew) await this.#walkFor(Number.POSITIVE_INFINITY);
  }

  /** Goes on with what could not be looked at, and with a piece of the walk: now and then, as a net. */
  async sweep(): Promise<void> {
    for (const id of this.#undelivered) this.#messages.add(id);
    this.#undelivered.clear();
    this.#run();
    if (!this.#walking) await this.#walkFor(pieceMs);
  }

  /** Takes no more, and resolves when all deliveries have ended. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#walking?.catch(() => undefined);
    await Promise.allSettled(this.#running);
    await Promise.allSettled(this.#deliveries);
  }

  // --- what was noted ------------------------------------------------------------------------------

  get #noted(): number {
    return this.#messages.size + this.#toldMessages.size + this.#waits.length;
  }

  /** So much more may be on its way; counts what looks under way may find. */
  get #room(): number {
    return mostOnTheWay - this.#towards.size - this.#running.size * mostTogether;
  }

  get #canLook(): boolean {
    return this.#noted > 0 && this.#running.size < lanes;
  }

  #run(): void {
    if (this.#isScheduled || this.#closed || this.#room <= 0) return;
    if (this.#line.size === 0 && !this.#canLook) return;
    this.#isScheduled = true;
    // What is noted within one turn of the loop is asked for by one statement.
    setImmediate(() => {
      this.#isScheduled = false;
      if (this.#closed) return;
      this.#deliverLine();
      if (!this.#canLook || this.#room <= 0) return;
      const running = this.#look().then((isAnswered) => {
        this.#running.delete(running);
        // What failed is tried again by the next sweep.
        if (isAnswered) this.#run();
      });
      this.#running.add(running);
      this.#run();
    });
  }

  /** What stands in line goes on its way, first come first, as far as there is room. */
  #deliverLine(): void {
    const room = this.#room;
    const matches: Match[] = [];
    for (const match of this.#line.values()) {
      if (matches.length >= room) break;
      matches.push(match);
    }
    if (matches.length > 0) this.#begin(this.#deliverAll(matches));
  }

  /** Looks for what was noted. False: PostgreSQL did not answer, and it is noted again. */
  async #look(): Promise<boolean> {
    const { matchMessages, matchWaits } = this.#options;
    const messages = taken(this.#messages, mostTogether);
    const told = taken(this.#toldMessages, mostTogether);
    const waits = this.#waits.splice(0, mostTogether);
    try {
      const found = await this.#answered(async () => {
        const [found, foundTold, foundSought] = await Promise.all([
          messages.length > 0 ? matchMessages(messages, true) : [],
          told.length > 0 ? matchMessages(told, false) : [],
          waits.length > 0 ? matchWaits(waits) : [],
        ]);
        // Those of a crowd that found no wait were not told of.
        const crowd = foundTold.map((match) => ({ ...match, mayHaveMore: true }));
        return [...found, ...crowd, ...foundSought];
      });
      // Deliveries are not awaited: an instance that is busy must not hold up the others.
      this.#begin(this.#deliverAll(found));
      return true;
    } catch (error) {
      for (const id of messages) this.#messages.add(id);
      for (const id of told) this.#toldMessages.add(id);
      this.#waits.push(...waits);
      this.#options.failed(error);
      return false;
    }
  }

  /** What a look finds, without what was taken before its answer came. */
  async #answered(look: () => Promise<readonly Match[]>): Promise<readonly Match[]> {
    const taken = new Set<string>();
    this.#takenSince.add(taken);
    try {
      const found = await look();
      if (taken.size === 0) return found;
      return found.filter((match) => {
        const isNew = !taken.has(keyOf(match));
        if (!isNew && match.mayHaveMore) this.#lookForNext(match);
        return isNew;
      });
    } finally {
      this.#takenSince.delete(taken);
    }
  }

  #begin(delivery: Promise<void>): void {
    const ended = delivery.finally(() => this.#deliveries.delete(ended));
    this.#deliveries.add(ended);
  }

  async #deliverAll(matches: readonly Match[]): Promise<void> {
    const chosen: Delivery[] = [];
    /** The chosen, by their instances. */
    const towards = new Map<string, Delivery[]>();
    for (const match of matches) {
      const key = keyOf(match);
      // Found once more in another way, or at the head of the line.
      this.#line.delete(key);
      const { instanceId } = match;
      const others = towards.get(instanceId);
      const rival =
        this.#onTheWay.get(key) ?? others?.find((other) => isSameWait(other.match, match));
      if (rival) {
        rival.passedOver.push(match);
        continue;
      }
      const delivery: Delivery = { match, key, passedOver: [] };
      if (others) others.push(delivery);
      else towards.set(instanceId, [delivery]);
      this.#onTheWay.set(key, delivery);
      this.#towards.set(instanceId, (this.#towards.get(instanceId) ?? 0) + 1);
      chosen.push(delivery);
    }
    await Promise.all(chosen.map((delivery) => this.#deliver(delivery)));
  }

  async #deliver(delivery: Delivery): Promise<void> {
    const { match, key } = delivery;
    let isTaken = false;
    try {
      isTaken = await this.#options.deliver(match);
      // The wait was gone: another instance may wait for the message, or this one anew.
      if (!isTaken) this.noteMessages([match.messageId]);
    } catch (error) {
      this.#undelivered.add(match.messageId);
      this.#options.failed(error);
    } finally {
      if (isTaken) for (const taken of this.#takenSince) taken.add(key);
      this.#onTheWay.delete(key);
      this.#arrived(match.instanceId);
      this.#noteAgain(delivery, isTaken);
      this.#run();
    }
  }

  #arrived(instanceId: string): void {
    const others = (this.#towards.get(instanceId) ?? 1) - 1;
    if (others === 0) this.#towards.delete(instanceId);
    else this.#towards.set(instanceId, others);
  }

  /** Another message for the same wait, or another wait for the same message: each may find one more. */
  #noteAgain({ match, key, passedOver }: Delivery, isTaken: boolean): void {
    let { mayHaveMore } = match;
    for (const other of passedOver) {
      const isForIt = isSameWait(other, match);
      if (keyOf(other) !== key) this.noteMessages([other.messageId]);
      else if (!isForIt && other.mayHaveMore) this.noteWaits([other]);
      if (isForIt && other.mayHaveMore) mayHaveMore = true;
    }
    if (isTaken && mayHaveMore) this.#lookForNext(match);
  }

  /** A wait that goes on, as in a loop, takes one message after the other that was kept for it. */
  #lookForNext(match: Match): void {
    if (this.#options.mayBeOpen(match)) this.noteWaits([match]);
  }

  // --- the walk ------------------------------------------------------------------------------------

  #walkFor(forMs: number): Promise<void> {
    this.#walking = this.#walkOn(performance.now() + forMs)
      .catch((error: unknown) => {
        this.#isAnew = true;
        throw error;
      })
      .finally(() => {
        this.#walking = undefined;
      });
    return this.#walking;
  }

  async #walkOn(until: number): Promise<void> {
    const { matchMessages, readKept, stopping } = this.#options;
    do {
      if (this.#isAnew) this.#place = null;
      this.#isAnew = false;
      const page = await readKept(this.#place, messagesPerPage);
      this.#place = page.length < messagesPerPage ? null : (page.at(-1) ?? null);
      const ids = [...new Set(page.map(({ id }) => id))];
      if (ids.length > 0) {
        await this.#deliverAll(await this.#answered(() => matchMessages(ids, false)));
      }
    } while (
      (this.#isAnew || this.#place !== null) &&
      performance.now() < until &&
      !this.#closed &&
      !stopping()
    );
  }
}

/** Takes so many out of a set, first come first. */
function taken(from: ShortLivedSet<string>, most: number): readonly string[] {
  const ids: string[] = [];
  for (const id of from) {
    if (ids.length === most) break;
    from.delete(id);
    ids.push(id);
  }
  return ids;
}

function isSameWait(a: Match, b: Match): boolean {
  return a.instanceId === b.instanceId && a.n === b.n && a.on === b.on && a.message === b.message;
}

/** A message acts once in each process that is interested in it. */
function keyOf({ messageId, process }: Match): string {
  return `${messageId} ${process}`;
}
