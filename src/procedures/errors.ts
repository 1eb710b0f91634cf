/** How the runner itself says no, before a procedure is executed. */
import { defineError } from '../kernel/errors.ts';

/** Nobody is logged in, and the procedure is not public. */
export const unauthenticated = defineError({
  code: 'UNAUTHENTICATED',
  status: 401,
  title: 'Credentials are required.',
});

/** Somebody is logged in, but holds none of the roles that may call this. */
export const forbidden = defineError({
  code: 'FORBIDDEN',
  status: 403,
  title: 'This caller may not do that.',
});

/** The input does not match the procedure's schema; `errors` names each field. */
export const invalidInput = defineError({
  code: 'INVALID_INPUT',
  status: 400,
  title: 'The input is not valid.',
});

/** The refusals of the runner itself. A procedure that answers with one of these was not executed. */
export const runnerErrors = [unauthenticated, forbidden, invalidInput] as const;

const notExecuted: ReadonlySet<string> = new Set(runnerErrors.map(({ code }) => code));

/** True for a refusal that was made before the procedure was executed. */
export function refusedBeforeExecution(code: string): boolean {
  return notExecuted.has(code);
}
