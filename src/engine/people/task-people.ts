/** What the engine has to know of people, which another module knows: a port. */
import type { Caller, Role } from '../../kernel/caller.ts';
import type { TraceContext } from '../../kernel/trace.ts';
import type { Transaction } from '../../kernel/transaction.ts';
import { personName } from './person-name.ts';
import { readerOf, type TaskGroups, type TaskReader } from './task-rights.ts';

/** A person. */
export interface Person {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly roles: readonly Role[];
}

/** Who does a task: the name that is written down, and whatever else tasks may call them. */
export interface Doer {
  readonly name: string;
  /** Empty for a program that acts for nobody. */
  readonly identities: readonly string[];
}

/** Finds people, and says which groups there are beside the roles. */
export interface TaskPeople {
  /** By id or email; null when there is nobody of that name. */
  find(tx: Transaction, reference: string, trace: TraceContext): Promise<Person | null>;
  readonly groups: TaskGroups;
}

/** The reader that a caller is. */
export async function readerFor(
  people: TaskPeople,
  context: { readonly tx: Transaction; readonly caller: Caller; readonly trace: TraceContext },
): Promise<TaskReader> {
  const { tx, caller, trace } = context;
  const person = caller.userId === null ? null : await people.find(tx, caller.userId, trace);
  return readerOf(caller, person?.email ?? null, people.groups);
}

/** A person as one who looks at tasks themselves. */
export function readerOfPerson(people: TaskPeople, { id, email, roles }: Person): TaskReader {
  return readerOf({ kind: 'user', userId: id, roles, demo: false }, email, people.groups);
}

/** Who somebody named is, as a doer; a name that nobody has stands for itself. */
export async function doerNamed(
  people: TaskPeople,
  { tx, trace }: { readonly tx: Transaction; readonly trace: TraceContext },
  reference: string,
): Promise<Doer> {
  const person = await people.find(tx, reference, trace);
  if (!person) return { name: personName(reference), identities: [personName(reference)] };
  return { name: person.id, identities: [person.id, person.email].map(personName) };
}
