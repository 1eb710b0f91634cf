/** The engine as a module: its tables, and the procedures by which people see and steer it. */
import { defineModule, type ModuleDefinition } from '../../kernel/module.ts';
import type { ProcedureRunner } from '../../kernel/procedure.ts';
import type { Engine } from '../engine.ts';
import { INSTANCE_NOT_MOVABLE, PROCESS_INPUT_INVALID, PROCESS_NOT_FOUND } from '../errors.ts';
import { taskEscalated } from '../people/events.ts';
import type { TaskPeople } from '../people/task-people.ts';
import { adHocProcedures } from './ad-hoc-procedures.ts';
import { bulkOperationNotFound, bulkProcedures } from './bulk-procedures.ts';
import { clusterProcedures } from './cluster-procedures.ts';
import { decisionProcedures } from './decision-procedures.ts';
import { deploymentProcedures } from './deployment-procedures.ts';
import { diagramProcedures } from './diagram-procedures.ts';
import { engineProcedures } from './engine-procedures.ts';
import {
  activityNotStartable,
  decisionFailed,
  decisionInputInvalid,
  decisionNotFound,
  decisionRefused,
  diagramTooLarge,
  drawingInvalid,
  evaluationNotFound,
  externalTaskNotFound,
  externalTaskNotHeld,
  externalTaskOutputInvalid,
  incidentNotFound,
  instanceNotFitting,
  instanceNotFound,
  instanceNotModifiable,
  instanceSuspended,
  messageAmbiguous,
  messageNotAwaited,
  queryNotFound,
  scheduleNotFound,
  taskAttachmentNotFound,
  taskClaimed,
  taskClosed,
  taskDelegated,
  taskFourEyes,
  taskNotFound,
  taskNotYours,
  taskOutputInvalid,
  taskPersonUnknown,
  timerNotSet,
  updateInvalid,
  updateNotFound,
  updatePending,
  updateRefused,
  valueNotFound,
} from './errors.ts';
import { exchangeProcedures } from './exchange-procedures.ts';
import { externalTaskProcedures } from './external-task-procedures.ts';
import { incidentGroupProcedures } from './incident-groups.ts';
import { incidentProcedures } from './incident-procedures.ts';
import { messageProcedures } from './message-procedures.ts';
import { modificationProcedures } from './modification-procedures.ts';
import { processProcedures } from './process-procedures.ts';
import { scheduleProcedures } from './schedule-procedures.ts';
import { signalProcedures } from './signal-procedures.ts';
import { statisticsProcedures } from './statistics-procedures.ts';
import { suspensionProcedures } from './suspension-procedures.ts';
import { tagProcedures } from './tag-procedures.ts';
import { taskProcedures } from './task-procedures.ts';
import { timerProcedures } from './timer-procedures.ts';
import { variableProcedures } from './variable-procedures.ts';
import { versionProcedures } from './version-procedures.ts';

const nobody: TaskPeople = { find: async () => null, groups: {} };

/**
 * The manifest of the engine. Engine and runner are looked up when a procedure runs, since both are
 * made after the manifests.
 */
export function engineModule(parts: {
  readonly engine: () => Engine;
  readonly runner: () => ProcedureRunner;
  /** Who people are, for tasks. @defaultValue nobody is known, and groups are roles */
  readonly people?: TaskPeople;
}): ModuleDefinition {
  return defineModule({
    name: 'engine',
    summary: 'Durable processes: instances, tasks for people, incidents',
    schema: 'engine',
    migrations: new URL('../store/migrations/', import.meta.url),
    procedures: [
      ...processProcedures(parts.engine),
      ...adHocProcedures(parts.engine),
      ...modificationProcedures(parts.engine),
      ...incidentGroupProcedures(),
      ...statisticsProcedures(parts.engine),
      ...bulkProcedures(parts.engine),
      ...tagProcedures(),
      ...engineProcedures(parts.engine),
      ...clusterProcedures(parts.engine),
      ...suspensionProcedures(parts.engine),
      ...taskProcedures(parts.engine, parts.runner, parts.people ?? nobody),
      ...incidentProcedures(parts.engine),
      ...versionProcedures(parts.engine),
      ...scheduleProcedures(parts.engine),
      ...timerProcedures(parts.engine),
      ...deploymentProcedures(parts.engine),
      ...diagramProcedures(parts.engine),
      ...decisionProcedures(parts.engine),
      ...exchangeProcedures(parts.engine),
      ...externalTaskProcedures(parts.engine),
      ...signalProcedures(parts.engine),
      ...messageProcedures(parts.engine),
      ...variableProcedures(parts.engine),
    ],
    events: [taskEscalated],
    errors: [
      PROCESS_NOT_FOUND,
      INSTANCE_NOT_MOVABLE,
      PROCESS_INPUT_INVALID,
      bulkOperationNotFound,
      instanceNotFound,
      activityNotStartable,
      instanceNotModifiable,
      valueNotFound,
      instanceSuspended,
      taskNotFound,
      taskClosed,
      taskNotYours,
      taskOutputInvalid,
      taskClaimed,
      taskDelegated,
      taskFourEyes,
      taskPersonUnknown,
      taskAttachmentNotFound,
      incidentNotFound,
      instanceNotFitting,
      queryNotFound,
      updateNotFound,
      updateInvalid,
      updateRefused,
      updatePending,
      scheduleNotFound,
      timerNotSet,
      decisionRefused,
      decisionNotFound,
      decisionInputInvalid,
      decisionFailed,
      evaluationNotFound,
      drawingInvalid,
      diagramTooLarge,
      messageNotAwaited,
      messageAmbiguous,
      externalTaskNotFound,
      externalTaskNotHeld,
      externalTaskOutputInvalid,
    ],
  });
}
