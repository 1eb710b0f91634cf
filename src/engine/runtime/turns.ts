/**
 * Who of a line is next: parties take turns, and so do the instances of a party. A party with a thousand
 * jobs in line keeps another one waiting for one turn, and an instance with a thousand keeps another one
 * of its party waiting for one. All of it in constant time, in an order that follows from the calls alone.
 */
import { Line } from './line.ts';

/** What stands in line. */
export interface InLine {
  /** Those of one group take turns with the other groups of their party: the instance. */
  readonly group: string;
  /** Those of one party take turns with the other parties. @defaultValue the group is a party of its own */
  readonly party?: string;
  /** When it came into the line, for figures. */
  readonly since: number;
}

/** The party of what stands in line. */
export function partyOf({ party, group }: InLine): string {
  return party ?? group;
}

/** The jobs of one party: one of each group in line, and further ones of groups that have one there. */
class Party<T extends InLine> {
  readonly name: string;
  readonly #line = new Line<T>();
  readonly #further = new Map<string, T[]>();
  size = 0;

  constructor(name: string) {
    this.name = name;
  }

  get first(): T | undefined {
    return this.#line.first;
  }

  push(item: T): void {
    this.size += 1;
    const further = this.#further.get(item.group);
    if (further) {
      further.push(item);
      return;
    }
    this.#further.set(item.group, []);
    this.#line.push(item);
  }

  take(): T | undefined {
    const item = this.#line.shift();
    if (item === undefined) return undefined;
    this.size -= 1;
    const next = this.#further.get(item.group)?.shift();
    if (next === undefined) this.#further.delete(item.group);
    else this.#line.push(next);
    return item;
  }

  dropLast(): T | undefined {
    const last = this.#line.last;
    if (last === undefined) return undefined;
    this.size -= 1;
    const further = this.#further.get(last.group)?.pop();
    if (further !== undefined) return further;
    this.#further.delete(last.group);
    return this.#line.pop();
  }
}

/** Jobs in line, each party and each group in its turn. */
export class Turns<T extends InLine> {
  readonly #parties = new Map<string, Party<T>>();
  /** Those with something in line, and perhaps one that has nothing any more. */
  readonly #line = new Line<Party<T>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get first(): T | undefined {
    return this.#next()?.first;
  }

  push(item: T): void {
    const name = partyOf(item);
    let party = this.#parties.get(name);
    if (!party) {
      party = new Party<T>(name);
      this.#parties.set(name, party);
      this.#line.push(party);
    }
    party.push(item);
    this.#size += 1;
  }

  take(): T | undefined {
    const party = this.#next();
    if (!party) return undefined;
    this.#line.shift();
    const item = party.take();
    if (party.size > 0) this.#line.push(party);
    else this.#parties.delete(party.name);
    this.#size -= 1;
    return item;
  }

  /** Takes out what would be the last of a party. */
  dropLast(name: string): T | undefined {
    const item = this.#parties.get(name)?.dropLast();
    if (item !== undefined) this.#size -= 1;
    return item;
  }

  #next(): Party<T> | undefined {
    for (let party = this.#line.first; party; party = this.#line.first) {
      if (party.size > 0) return party;
      this.#line.shift();
      this.#parties.delete(party.name);
    }
    return undefined;
  }
}
