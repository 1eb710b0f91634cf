/** The public face of the layer that runs procedures. */
export { checkModules } from './check-modules.ts';
export { createProcedureRunner } from './create-procedure-runner.ts';
export {
  forbidden,
  invalidInput,
  refusedBeforeExecution,
  runnerErrors,
  unauthenticated,
} from './errors.ts';
export { databaseFault } from './faults.ts';
export type { CallMetrics, Runner, RunnerOptions, SuccessfulCall } from './runner-options.ts';
