/** The public face of the engine. */
export { type CompileOptions, compileDrawing, type DrawingFile } from './bpmn/compile-drawing.ts';
export * from './code/index.ts';
export { createEngine } from './create-engine.ts';
export { isDecisionFile, readDecisions } from './decisions/read-decisions.ts';
export { readDrawn } from './diagram/drawn-version.ts';
export type { Marks } from './diagram/marks.ts';
export { renderSvg } from './diagram/svg/render-svg.ts';
export type { Engine, EngineOptions } from './engine.ts';
export { INSTANCE_NOT_MOVABLE, PROCESS_INPUT_INVALID, PROCESS_NOT_FOUND } from './errors.ts';
export type { BusinessCalendar } from './model/human-work.ts';
export { type JobContext, ProcessError } from './model/job.ts';
export type { ProcessModel } from './model/process-model.ts';
export {
  type BusinessCalendarOptions,
  businessCalendar,
} from './people/business-calendar.ts';
export type { Person, TaskPeople } from './people/task-people.ts';
export type { TaskGroups } from './people/task-rights.ts';
export { mostDeployedFiles } from './procedures/deployment-limits.ts';
export { engineModule } from './procedures/module.ts';
export type { InstanceRequest } from './runtime/instance-requests.ts';
export { ScriptRunner } from './scripts/script-runner.ts';
export { callSupply } from './store/call-supply.ts';
export type { NodeRole } from './store/leases.ts';
export { sweepHistory } from './store/retention.ts';
export { checkDeploy, type DeployReport } from './versions/check-deploy.ts';
export { readDeployedDrawings } from './versions/deployed-drawings.ts';
export type { GroupOfFindings } from './versions/finding-groups.ts';
export type { MigrateInstanceOptions, MigrationResult } from './versions/migrate-instance.ts';
export type { Problem, ProblemCode } from './versions/problem.ts';
export { type FileProblem, problemText } from './xml/file-problem.ts';
