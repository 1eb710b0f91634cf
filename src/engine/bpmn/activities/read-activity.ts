/**
 * Activities of a drawing: which reader reads which kind, and what may be said of each of them: loops, tokens,
 * variables of its own.
 */
import type { ModdleElement } from 'bpmn-moddle';
import type { Expression } from '../../model/expression.ts';
import type {
  CallActivity,
  ExternalTask,
  ReceiveTask,
  ServiceTask,
  SubProcess,
  Task,
  UserTask,
} from '../../model/process-model.ts';
import { kindOf, numberOf } from '../moddle-values.ts';
import { handlerOf, mapping, type ProcessContext } from '../process-context.ts';
import { ElementExtension } from '../read-extension.ts';
import { type Body, bodyOf } from './activity-body.ts';
import { readCallActivity } from './read-call-activity.ts';
import { readLoops } from './read-loops.ts';
import { readReceiveTask } from './read-receive-task.ts';
import { readScriptTask } from './read-script-task.ts';
import { readServiceTask } from './read-service-task.ts';
import { readSubProcess } from './read-sub-process.ts';
import { readUserTask } from './read-user-task.ts';

/** Tokens that one activity may ask for or send. */
const mostTokens = 1_000;

/** What an activity says of itself, without its place in the graph. */
export type ReadActivity =
  | Body<Task>
  | Body<ServiceTask>
  | Body<ExternalTask>
  | Body<ReceiveTask>
  | Body<UserTask>
  | Body<SubProcess>
  | Body<CallActivity>;

/** Reads an activity; null when it cannot be read, and then the report says why. */
export function readActivity(context: ProcessContext, element: ModdleElement): ReadActivity | null {
  const extension = new ElementExtension(element, context.report);
  const read = readKind(context, element, extension);
  if (!read) return null;
  const { multiInstance, standardLoop, ...rest } = read;
  return {
    ...rest,
    ...readLoops(context, element, { multiInstance, standardLoop }),
    ...readQuantities(context, element),
    ...readOwnVariables(context, element, extension),
    ...(element.isForCompensation === true ? { forCompensation: true } : {}),
  } as ReadActivity;
}

function readKind(
  context: ProcessContext,
  element: ModdleElement,
  extension: ElementExtension,
): ReadActivity | null {
  switch (kindOf(element)) {
    case 'task':
    case 'manualTask':
      return readTask(context, element, extension);
    case 'serviceTask':
    case 'sendTask':
    case 'businessRuleTask':
    case 'intermediateThrowEvent':
    case 'endEvent':
      return readServiceTask(context, element, extension);
    case 'scriptTask':
      return readScriptTask(context, element, extension);
    case 'receiveTask':
      return readReceiveTask(context, element, extension);
    case 'userTask':
      return readUserTask(context, element, extension);
    case 'subProcess':
    case 'adHocSubProcess':
    case 'transaction':
      return readSubProcess(context, element, extension);
    default:
      return readCallActivity(context, element, extension);
  }
}

function readTask(
  context: ProcessContext,
  element: ModdleElement,
  extension: ElementExtension,
): Body<Task> | null {
  const code = handlerOf(context, element, extension, 'task', 'task');
  if (code === 'missing') return null;
  return code ? bodyOf(code) : { type: 'task' };
}

/** Variables that are its own, and those that it sets when it ends. */
function readOwnVariables(
  context: ProcessContext,
  element: ModdleElement,
  extension: ElementExtension,
): { readonly local?: Expression; readonly assigns?: Expression } {
  const local = mapping(context, element, extension.all('local'));
  const assigns = mapping(context, element, extension.all('assign'));
  return { ...(local ? { local } : {}), ...(assigns ? { assigns } : {}) };
}

/** Tokens that must come before it begins, and that it sends on. */
function readQuantities({ report }: ProcessContext, element: ModdleElement) {
  const quantities: { startQuantity?: number; completionQuantity?: number } = {};
  for (const name of ['startQuantity', 'completionQuantity'] as const) {
    const quantity = numberOf(element, name) ?? 1;
    if (!Number.isSafeInteger(quantity) || quantity < 1 || quantity > mostTokens) {
      report.add(
        'quantity-invalid',
        element,
        `expected ${name} to be a whole number from 1 to ${mostTokens}, found ${quantity}`,
        'mend the number, or take it out',
      );
    } else if (quantity > 1) quantities[name] = quantity;
  }
  return quantities;
}
