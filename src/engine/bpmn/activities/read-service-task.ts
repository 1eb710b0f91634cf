/**
 * Service tasks, and whatever else has its work done by a procedure or hands it out by a topic: send and business rule
 * tasks, and events that send their message by a procedure.
 */
import type { ModdleElement } from 'bpmn-moddle';
import { constant } from '../../model/expression.ts';
import type { ExternalTask, ServiceTask, Task } from '../../model/process-model.ts';
import { messageName } from '../events/read-message.ts';
import { elementOf, kindOf } from '../moddle-values.ts';
import {
  allVariables,
  feel,
  handlerOf,
  mapping,
  type ProcessContext,
  unread,
} from '../process-context.ts';
import type { ElementExtension } from '../read-extension.ts';
import { type Body, bodyOf, resultOf } from './activity-body.ts';
import { calling, evaluating, usualTimeoutMs } from './expression-work.ts';
import { decideInStep, readDecisionTask } from './read-decision-task.ts';
import { readExternalTask } from './read-external-task.ts';
import { readDuration, readRetry } from './read-retry.ts';

/** Null when it cannot be read, and then the report says why. */
export function readServiceTask(
  context: ProcessContext,
  element: ModdleElement,
  extension: ElementExtension,
): Body<ServiceTask> | Body<ExternalTask> | Body<Task> | null {
  const { report } = context;
  const named = context.code?.nodes[extension.text('task', 'handler') ?? '']?.type;
  const type = named === 'externalTask' ? named : 'serviceTask';
  const code = handlerOf(context, element, extension, 'task', type);
  if (code === 'missing') return null;
  if (code) return bodyOf<ServiceTask | ExternalTask>(code) as Body<ServiceTask>;
  if (extension.text('task', 'topic') !== undefined) {
    return readExternalTask(context, element, extension);
  }
  if (extension.one('property')) {
    report.add(
      'extension-invalid',
      element,
      'expected properties at work with a topic only, found <orderloom:property>',
      'take it out, or give the work a topic',
    );
  }
  const expression = extension.text('task', 'expression');
  if (expression !== undefined) {
    const script = feel(context, element, expression) ?? unread;
    return { ...evaluating(script), ...resultOf(context, element, extension) };
  }
  const decision = readDecisionTask(context, element, extension);
  const procedure = decision ? 'decisions.decide' : extension.text('task', 'procedure');
  if (!procedure && kindOf(element) === 'sendTask' && elementOf(element, 'messageRef')) {
    return readSending(context, element, extension);
  }
  if (!namesProcedure(context, element, procedure)) return null;
  const input =
    mapping(context, element, extension.all('input')) ?? (decision ? allVariables : constant({}));
  const output = mapping(context, element, extension.all('output'));
  const result = resultOf(context, element, extension);
  if (output && !('result' in result)) {
    report.add(
      'extension-invalid',
      element,
      'expected a variable for what the outputs make, found none',
      'add result="..." to <orderloom:task>',
    );
  }
  const irreversible = extension.text('task', 'irreversible');
  return {
    type: 'serviceTask',
    job: calling(
      decision
        ? (job, given) => decideInStep(decision, job, given)
        : (job, given) => job.run(procedure, given),
      input,
      output,
    ),
    input: { value: input },
    retry: readRetry(context, element, extension),
    timeoutMs: readDuration(context, element, extension.text('task', 'timeout')) ?? usualTimeoutMs,
    ...result,
    ...(irreversible === undefined ? {} : { irreversible }),
  };
}

/** False for work that names no procedure, and then the report says so. */
function namesProcedure(
  { report, knowsProcedure }: ProcessContext,
  element: ModdleElement,
  procedure: string | undefined,
): procedure is string {
  const { implementation } = element;
  if (typeof implementation === 'string' && !implementation.startsWith('##')) {
    report.add(
      'property-unsupported',
      element,
      `expected the work to be named by a procedure, found implementation "${implementation}"`,
      'write <orderloom:task procedure="..."/> instead',
    );
  }
  if (!procedure) {
    report.add(
      'procedure-missing',
      element,
      'expected the name of a procedure, found none',
      'add <orderloom:task procedure="payments.create-session"/>',
    );
    return false;
  }
  if (knowsProcedure && !knowsProcedure(procedure)) {
    report.add(
      'procedure-unknown',
      element,
      `expected a procedure that the program offers, found "${procedure}"`,
      'mend the name, or deploy the program that has it first',
    );
  }
  return true;
}

/** A send task that throws its message as an event would. */
function readSending(
  context: ProcessContext,
  element: ModdleElement,
  extension: ElementExtension,
): Body<Task> | null {
  for (const other of ['retry', 'output'] as const) {
    if (!extension.one(other)) continue;
    context.report.add(
      'extension-invalid',
      element,
      `expected no ${other} where a message is only thrown, found one`,
      'take it out, or name a procedure that sends the message',
    );
  }
  const message = messageName(context, element, element);
  const content = mapping(context, element, extension.all('input'));
  if (message === undefined) return null;
  const more = content ? { content } : {};
  return { type: 'task', sends: { type: 'message', message, correlation: [], ...more } };
}
