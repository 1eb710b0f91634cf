/** All operations of this dialect. */
import type { Operation } from '../operation.ts';
import { aboutOperations } from './about.ts';
import { batchOperations } from './batches.ts';
import { decisionDefinitionOperations } from './decision-definitions.ts';
import { deploymentOperations } from './deployments.ts';
import { externalTaskOperations } from './external-tasks.ts';
import { historyOperations } from './history.ts';
import { historyLogOperations } from './history-logs.ts';
import { historyTaskOperations } from './history-tasks.ts';
import { incidentOperations } from './incidents.ts';
import { instanceModificationOperations } from './instance-modification.ts';
import { instanceVariableOperations } from './instance-variables.ts';
import { jobOperations } from './jobs.ts';
import { messageOperations } from './messages.ts';
import { migrationOperations } from './migration.ts';
import { processDefinitionOperations } from './process-definitions.ts';
import { processInstanceOperations } from './process-instances.ts';
import { taskTalkOperations } from './task-talk.ts';
import { taskOperations } from './tasks.ts';

/** Every operation, in the order in which they are described. */
export const operations: readonly Operation[] = [
  ...aboutOperations,
  ...externalTaskOperations,
  ...deploymentOperations,
  ...processDefinitionOperations,
  ...processInstanceOperations,
  ...instanceVariableOperations,
  ...instanceModificationOperations,
  ...batchOperations,
  ...messageOperations,
  ...taskOperations,
  ...taskTalkOperations,
  ...incidentOperations,
  ...jobOperations,
  ...historyOperations,
  ...historyLogOperations,
  ...historyTaskOperations,
  ...migrationOperations,
  ...decisionDefinitionOperations,
];
