/**
 * `.migrateFrom`: how instances of an earlier version come to this one. Where the old variables are
 * described by a schema, the transform is typed on both sides and reads what the schema has checked.
 */
import type { z } from 'zod';
import type { Variables } from '../model/expression.ts';
import type { MigrationPlan } from '../model/process-model.ts';

/** What differs between two versions for the instances that move. */
export interface Migration<OldState extends z.ZodType = z.ZodType, Steps = object> {
  /** New id by old id; `null` gives up an undo or a deadline that the new version does not have. */
  readonly elements?: Readonly<Record<string, string | null>>;
  /** Deadlines and timers of this version that begin anew; all others keep their moment. */
  readonly restartTimers?: readonly string[];
  /**
   * The variables of the old version as far as `variables` reads them, step outputs by step id. An
   * instance whose variables do not fit is not moved.
   */
  readonly state?: OldState;
  /**
   * New outputs of steps by step id, made from the old ones; what is not named stays as it is, and
   * `undefined` takes an output away. Each is checked by the schema of its step before anything moves.
   */
  readonly variables?: (old: z.output<OldState>) => {
    readonly [Name in keyof Steps]?: Steps[Name] | undefined;
  };
  /** The same for what is kept inside of a subprocess or loop, by its id in this version. */
  readonly inside?: Readonly<Record<string, (own: Variables) => Variables>>;
}

/** The migration as the engine reads it: the old variables go through their schema first. */
export function migrationPlan(migration: Migration): MigrationPlan {
  const { elements, restartTimers, state, variables, inside } = migration;
  return Object.freeze({
    ...(elements && { elements }),
    ...(restartTimers && { restartTimers }),
    ...(variables && {
      variables: (old: Variables) => variables(state ? state.parse(old) : old) as Variables,
    }),
    ...(inside && { inside }),
  });
}
