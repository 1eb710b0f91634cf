/** A committed workflow: its model and, as types, what it takes and gives. */
import type { ProcessModel } from '../model/process-model.ts';

/** A workflow that was checked and frozen; deployed by its model. */
export interface Workflow<Id extends string = string, Input = never, Output = unknown> {
  readonly id: Id;
  readonly version: number;
  readonly model: ProcessModel;
  /** Never there at run time. */
  readonly types?: { readonly input: (value: Input) => void; readonly output: Output };
}

/** What a workflow is started with; `never` when only its trigger starts it. */
export type InferInput<W> = W extends Workflow<string, infer Input, unknown> ? Input : never;

/** What a workflow gives when it has completed. */
export type InferOutput<W> = W extends Workflow<string, never, infer Output> ? Output : never;
