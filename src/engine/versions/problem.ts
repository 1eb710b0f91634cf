/** Why an instance does not fit a version of its process. Codes are stable: scripts group by them. */

/** What is wrong. */
export type ProblemCode =
  /** The program does not have the version that the instance is on. */
  | 'VERSION_MISSING'
  /** The version was changed without a new number. */
  | 'STRUCTURE_CHANGED'
  /** The program cannot read the drawing that the instance is on. */
  | 'DRAWING_UNREADABLE'
  /** The drawing may still call a procedure that the program does not have. */
  | 'PROCEDURE_MISSING'
  | 'ELEMENT_GONE'
  /** The element is of another kind. */
  | 'ELEMENT_KIND'
  /** The element lies in another scope. */
  | 'ELEMENT_MOVED'
  | 'LOOP_CHANGED'
  /** It waits for another message or under another correlation. */
  | 'WAIT_CHANGED'
  /** What it is to wait for cannot be computed from its variables. */
  | 'WAIT_INVALID'
  /** Nothing would be left that could move the element. */
  | 'WAIT_GONE'
  /** A join would wait for a token that cannot come. */
  | 'JOIN_CHANGED'
  /** Ways that ran side by side would run after one another, so that steps run twice. */
  | 'ORDER_CHANGED'
  /** What was done could no longer be undone. */
  | 'UNDO_GONE'
  /** A child runs that is of another process than the one now called. */
  | 'CHILD_CHANGED'
  /** The code takes an output for certain that the instance does not have. */
  | 'VARIABLE_MISSING'
  | 'VARIABLE_INVALID'
  /** The input of a step cannot be made, or does not fit its schema. */
  | 'INPUT_INVALID'
  | 'TRANSFORM_FAILED'
  /** The plan names elements that are not there, or do not go together. */
  | 'PLAN_INVALID'
  /** A step is at work on it. */
  | 'JOB_AT_WORK'
  /** It is suspended, and what came meanwhile is for the old version. */
  | 'EVENTS_HELD'
  | 'INSTANCE_ENDED'
  /** Somebody else moved it in the meantime. */
  | 'INSTANCE_MOVED';

/** One reason why an instance does not fit. */
export interface Problem {
  readonly code: ProblemCode;
  /** Id of the element in the version that the instance is on; empty for the process. */
  readonly element: string;
  /** Expected, found, and what to do. */
  readonly message: string;
}
