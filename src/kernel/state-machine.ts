/**
 * State machines as data. Declaring one checks it: an unknown target, an unreachable state or a
 * transition that is declared twice fails at once, so a broken machine never starts.
 */
import { assert } from './errors.ts';

/** States and what may follow each. Checked when it is declared by `defineStateMachine`. */
export interface StateMachine<State extends string = string> {
  readonly name: string;
  readonly initial: State;
  /** For every state the states that may follow it; an empty list makes it final. */
  readonly transitions: Readonly<Record<State, readonly State[]>>;
}

/** Declares and checks a state machine. */
export function defineStateMachine<const State extends string>(
  machine: StateMachine<State>,
): StateMachine<State> {
  const states = Object.keys(machine.transitions) as State[];
  assert(
    states.includes(machine.initial),
    `state machine ${machine.name}: initial state "${machine.initial}" has no transitions entry`,
  );
  const reached = new Set<State>([machine.initial]);
  for (const state of reached) {
    for (const target of machine.transitions[state]) {
      assert(
        states.includes(target),
        `state machine ${machine.name}: "${state}" leads to unknown state "${target}"; ` +
          `known are ${states.join(', ')}`,
      );
      reached.add(target);
    }
  }
  const unreachable = states.filter((state) => !reached.has(state));
  assert(
    unreachable.length === 0,
    `state machine ${machine.name}: no way leads from "${machine.initial}" to ${unreachable.join(', ')}`,
  );
  return Object.freeze(machine);
}

/** True when `to` may directly follow `from`. */
export function canTransition<State extends string>(
  machine: StateMachine<State>,
  from: State,
  to: State,
): boolean {
  return machine.transitions[from].includes(to);
}
