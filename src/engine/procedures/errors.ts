/** The ways in which the engine's procedures say no. */
import { defineError } from '../../kernel/errors.ts';

export const instanceNotFound = defineError({
  code: 'INSTANCE_NOT_FOUND',
  status: 404,
  title: 'No such process instance',
});
export const activityNotStartable = defineError({
  code: 'ACTIVITY_NOT_STARTABLE',
  status: 409,
  title: 'The activity cannot begin now',
});
export const instanceNotModifiable = defineError({
  code: 'INSTANCE_NOT_MODIFIABLE',
  status: 409,
  title: 'The instance cannot be moved like this',
});
export const valueNotFound = defineError({
  code: 'PROCESS_VALUE_NOT_FOUND',
  status: 404,
  title: 'No such value of the instance',
});
export const diagramTooLarge = defineError({
  code: 'DIAGRAM_TOO_LARGE',
  status: 409,
  title: 'The process is too large for a picture',
});
export const instanceSuspended = defineError({
  code: 'INSTANCE_SUSPENDED',
  status: 409,
  title: 'The instance is suspended',
});
export const taskNotFound = defineError({
  code: 'TASK_NOT_FOUND',
  status: 404,
  title: 'No such task',
});
export const taskClosed = defineError({
  code: 'TASK_CLOSED',
  status: 409,
  title: 'The task is no longer open',
});
export const taskNotYours = defineError({
  code: 'TASK_NOT_YOURS',
  status: 403,
  title: 'The task is for another role',
});
export const taskClaimed = defineError({
  code: 'TASK_CLAIMED',
  status: 409,
  title: 'Somebody else has the task',
});
export const taskDelegated = defineError({
  code: 'TASK_DELEGATED',
  status: 409,
  title: 'The task was delegated and is not resolved',
});
export const taskFourEyes = defineError({
  code: 'TASK_FOUR_EYES',
  status: 403,
  title: 'The same person may not do both tasks',
});
export const taskPersonUnknown = defineError({
  code: 'TASK_PERSON_UNKNOWN',
  status: 422,
  title: 'No such person',
});
export const taskAttachmentNotFound = defineError({
  code: 'TASK_ATTACHMENT_NOT_FOUND',
  status: 404,
  title: 'No such attachment',
});
export const taskOutputInvalid = defineError({
  code: 'TASK_OUTPUT_INVALID',
  status: 422,
  title: 'The task does not accept this outcome',
});
export const incidentNotFound = defineError({
  code: 'INCIDENT_NOT_FOUND',
  status: 404,
  title: 'No open incident at this element',
});
export const messageNotAwaited = defineError({
  code: 'MESSAGE_NOT_AWAITED',
  status: 404,
  title: 'Nothing waits for the message',
});
export const messageAmbiguous = defineError({
  code: 'MESSAGE_AMBIGUOUS',
  status: 409,
  title: 'Several wait for the message',
});
export const externalTaskNotFound = defineError({
  code: 'EXTERNAL_TASK_NOT_FOUND',
  status: 404,
  title: 'No such external task',
});
export const externalTaskNotHeld = defineError({
  code: 'EXTERNAL_TASK_NOT_HELD',
  status: 409,
  title: 'The worker does not hold the external task',
});
export const externalTaskOutputInvalid = defineError({
  code: 'EXTERNAL_TASK_OUTPUT_INVALID',
  status: 422,
  title: 'The external task does not accept this outcome',
});
export const decisionRefused = defineError({
  code: 'DECISION_REFUSED',
  status: 409,
  title: 'The decision was refused',
});
export const instanceNotFitting = defineError({
  code: 'INSTANCE_NOT_FITTING',
  status: 409,
  title: 'The instance does not fit the version',
});
export const drawingInvalid = defineError({
  code: 'DRAWING_INVALID',
  status: 422,
  title: 'The drawing cannot be deployed',
});
export const decisionNotFound = defineError({
  code: 'DECISION_NOT_FOUND',
  status: 404,
  title: 'No such decision',
});
export const decisionInputInvalid = defineError({
  code: 'DECISION_INPUT_INVALID',
  status: 422,
  title: 'The decision does not accept this input',
});
export const decisionFailed = defineError({
  code: 'DECISION_FAILED',
  status: 422,
  title: 'The decision has no result with this input',
});
export const evaluationNotFound = defineError({
  code: 'DECISION_EVALUATION_NOT_FOUND',
  status: 404,
  title: 'No such evaluation of a decision',
});
export const timerNotSet = defineError({
  code: 'TIMER_NOT_SET',
  status: 409,
  title: 'No such timer is set',
});
export const scheduleNotFound = defineError({
  code: 'SCHEDULE_NOT_FOUND',
  status: 404,
  title: 'No such schedule',
});
export const queryNotFound = defineError({
  code: 'QUERY_NOT_FOUND',
  status: 404,
  title: 'The process has no such query',
});
export const updateNotFound = defineError({
  code: 'UPDATE_NOT_FOUND',
  status: 404,
  title: 'The process has no such update',
});
export const updateInvalid = defineError({
  code: 'UPDATE_INVALID',
  status: 422,
  title: 'The update does not accept this data',
});
export const updateRefused = defineError({
  code: 'UPDATE_REFUSED',
  status: 409,
  title: 'The instance cannot take the update as it stands',
});
export const updatePending = defineError({
  code: 'UPDATE_PENDING',
  status: 503,
  title: 'The update was not answered in time',
});
