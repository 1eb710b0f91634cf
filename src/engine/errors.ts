/** The ways in which the engine itself says no; those of its procedures stand beside them (`procedures/errors.ts`). */
import { defineError } from '../kernel/errors.ts';

export const PROCESS_NOT_FOUND = defineError({
  code: 'PROCESS_NOT_FOUND',
  status: 404,
  title: 'No such process or instance',
});
export const INSTANCE_NOT_MOVABLE = defineError({
  code: 'INSTANCE_NOT_MOVABLE',
  status: 409,
  title: 'The instance has moved on',
});
export const PROCESS_INPUT_INVALID = defineError({
  code: 'PROCESS_INPUT_INVALID',
  status: 422,
  title: 'The process does not accept this input',
});
