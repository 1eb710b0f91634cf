/** Activities of a drawing: tasks, sub-processes and call activities, with loops, retries and mappings. */
import type { ModdleElement } from 'bpmn-moddle';
import { z } from 'zod';
import { TerminalFault } from '../../kernel/errors.ts';
import { type Duration, durationMs } from '../code/duration.ts';
import { retryPolicy } from '../code/retry.ts';
import { asCondition, asText } from '../expressions/feel.ts';
import { atMoment } from '../expressions/moment.ts';
import { constant, type Expression, type Variables } from '../model/expression.ts';
import type { JobContext, JobHandler } from '../model/job.ts';
import type {
  Activity,
  AdHoc,
  CallActivity,
  ExternalTask,
  MessageEventDefinition,
  MultiInstance,
  ReceiveTask,
  RetryPolicy,
  ServiceTask,
  StandardLoop,
  SubProcess,
  Task,
  UserTask,
} from '../model/process-model.ts';
import { checkProperties } from './known-properties.ts';
import { elementOf, elementsOf, kindOf, numberOf, textOf } from './moddle-values.ts';
import {
  allVariables,
  codeLanguage,
  feel,
  feelOf,
  handlerOf,
  mapping,
  type ProcessContext,
  unread,
  variable,
} from './process-context.ts';
import { decideInStep, readDecisionTask } from './read-decision-task.ts';
import { expectCorrelation, messageName, orByKey, readCorrelation } from './read-events.ts';
import { ElementExtension } from './read-extension.ts';
import { readHumanWork } from './read-human-work.ts';
import { readBehavior } from './read-loop-behavior.ts';
import { isJavaScript, javaScriptTask } from './read-script.ts';

const usualTimeoutMs = 30_000;
const usualAttempts = 10;
const usualCompensationAttempts = 20;
/** Instances that a number alone may ask for. */
const mostInstances = 10_000;
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
type Body<Node> = Omit<
  Node,
  'id' | 'name' | 'parent' | 'incoming' | 'outgoing' | 'boundary' | 'compensation'
>;

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
      return readScript(context, element, extension);
    case 'receiveTask':
      return readReceiveTask(context, element, extension);
    case 'userTask':
      return readUserTask(context, element, extension);
    case 'subProcess':
    case 'adHocSubProcess':
    case 'transaction':
      return readSubProcess(context, element, extension);
    default:
      return readCall(context, element, extension);
  }
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

function resultOf(context: ProcessContext, element: ModdleElement, extension: ElementExtension) {
  const result = variable(context, element, extension.text('task', 'result'));
  return result === undefined ? {} : { result };
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

function readServiceTask(
  context: ProcessContext,
  element: ModdleElement,
  extension: ElementExtension,
): Body<ServiceTask> | Body<ExternalTask> | Body<Task> | null {
  const { report, knowsProcedure } = context;
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
    return null;
  }
  if (knowsProcedure && !knowsProcedure(procedure)) {
    report.add(
      'procedure-unknown',
      element,
      `expected a procedure that the program offers, found "${procedure}"`,
      'mend the name, or deploy the program that has it first',
    );
  }
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
    timeoutMs: duration(context, element, extension.text('task', 'timeout')) ?? usualTimeoutMs,
    ...result,
    ...(irreversible === undefined ? {} : { irreversible }),
  };
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

/** Work that is handed out by its topic instead of being done by a procedure. */
function readExternalTask(
  context: ProcessContext,
  element: ModdleElement,
  extension: ElementExtension,
): Body<ExternalTask> {
  for (const other of ['procedure', 'timeout'] as const) {
    if (extension.text('task', other) === undefined) continue;
    context.report.add(
      'extension-invalid',
      element,
      `expected either a topic or a ${other}, found both`,
      other === 'procedure' ? 'take one of them out' : 'attach a timer event instead',
    );
  }
  if (extension.one('retry')) {
    context.report.add(
      'extension-invalid',
      element,
      'expected no retries at work with a topic, found <orderloom:retry>',
      'take it out: the worker that fails says how often it is tried again',
    );
  }
  const topic = feel(context, element, extension.text('task', 'topic') ?? '') ?? unread;
  const given = extension.text('task', 'taskPriority');
  const priority = given === undefined ? null : feel(context, element, given);
  const input = mapping(context, element, extension.all('input'));
  const output = mapping(context, element, extension.all('output'));
  return {
    type: 'externalTask',
    topic: asText(topic),
    ...(priority ? { priority: priority as Expression<number> } : {}),
    ...(input ? { input } : {}),
    ...(output ? { output } : {}),
    ...propertiesOf(extension),
    ...resultOf(context, element, extension),
  };
}

/** Facts for the worker, as they are written. */
function propertiesOf(extension: ElementExtension): Pick<ExternalTask, 'properties'> {
  const given = extension.all('property').map(({ name, value }) => {
    return [String(name ?? ''), String(value ?? '')] as const;
  });
  return given.length === 0 ? {} : { properties: Object.fromEntries(given) };
}

/** A node of code without what the drawing says itself. */
function bodyOf<Node extends Activity>(node: Node): Body<Node> {
  const { id, name, parent, incoming, outgoing, boundary, compensation, ...body } = node;
  const { forCompensation, startQuantity, completionQuantity, defaultFlow, ...rest } =
    body as typeof body & Partial<Activity>;
  return rest as unknown as Body<Node>;
}

function calling(
  work: (context: JobContext, given: unknown) => Promise<unknown>,
  input: Expression,
  output: Expression | null,
): JobHandler {
  return async (context) => {
    const { variables } = context;
    const given = evaluated(input, variables, context.at, `the input of "${context.elementId}"`);
    const found = await work(context, given);
    if (!output) return found;
    const name = `the output of "${context.elementId}"`;
    return evaluated(output, { ...variables, output: found }, context.at, name);
  };
}

/** An expression that fails now fails again: a person must look. */
function evaluated(
  expression: Expression,
  variables: Variables,
  at: number,
  name: string,
): unknown {
  try {
    return atMoment(at, () => expression.evaluate(variables));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new TerminalFault('EXPRESSION_FAILED', `${name}: ${message}`);
  }
}

function readScript(
  context: ProcessContext,
  element: ModdleElement,
  extension: ElementExtension,
): Body<ServiceTask> | null {
  const format = textOf(element, 'scriptFormat');
  if (isJavaScript(format)) {
    return javaScriptTask(element, resultOf(context, element, extension).result, context.scripts);
  }
  if (format !== undefined && !/^(text\/|application\/)?(feel|juel)$/i.test(format)) {
    context.report.add(
      'expression-language',
      element,
      `expected a script in FEEL, found one in "${format}"`,
      'write it in FEEL with scriptFormat="feel", or as a procedure that a service task runs',
    );
    return null;
  }
  const script = feel(context, element, textOf(element, 'script') ?? '') ?? unread;
  const result = resultOf(context, element, extension);
  if (!('result' in result)) {
    context.report.add(
      'extension-invalid',
      element,
      'expected a variable for what the script gives, found none',
      'add <orderloom:task result="..."/>',
    );
  }
  return { ...evaluating(script), ...result };
}

/** A task whose result is the value of an expression. */
function evaluating(script: Expression): Body<ServiceTask> {
  return {
    type: 'serviceTask',
    job: async ({ variables, elementId, at }) =>
      evaluated(script, variables, at, `script "${elementId}"`),
    retry: retryPolicy(false, 1),
    timeoutMs: usualTimeoutMs,
  };
}

function readRetry(
  { report }: ProcessContext,
  element: ModdleElement,
  extension: ElementExtension,
): RetryPolicy {
  const usual = element.isForCompensation === true ? usualCompensationAttempts : usualAttempts;
  const given = extension.one('retry');
  if (!given) return retryPolicy({}, usual);
  const delays = textOf(given, 'delays')?.split(/[\s,]+/) ?? [];
  const texts = { initialDelay: textOf(given, 'delay'), maxDelay: textOf(given, 'maxDelay') };
  const numbers = {
    maxAttempts: numberOf(given, 'attempts'),
    factor: numberOf(given, 'factor'),
    jitter: numberOf(given, 'jitter'),
  };
  const written = Object.entries({ ...texts, ...numbers }).filter(
    ([, value]) => value !== undefined,
  );
  const thrown = textOf(given, 'error');
  try {
    const delaysMs = delays.map((delay) => durationMs(delay as Duration));
    const own = {
      ...(delaysMs.length > 0 ? { delaysMs } : {}),
      ...(thrown === undefined ? {} : { error: thrown }),
    };
    return { ...retryPolicy(Object.fromEntries(written), usual), ...own };
  } catch (error) {
    report.add(
      'extension-invalid',
      element,
      error instanceof Error ? error.message : String(error),
      'write it such as <orderloom:retry attempts="5" delay="PT1S" factor="2" maxDelay="PT1M" jitter="0.5"/>',
    );
    return retryPolicy({}, usual);
  }
}

function duration(
  { report }: ProcessContext,
  element: ModdleElement,
  text: string | undefined,
): number | undefined {
  if (text === undefined) return undefined;
  try {
    return durationMs(text as Duration);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    report.add('extension-invalid', element, message, 'write a duration such as PT30S');
    return undefined;
  }
}

function readReceiveTask(
  context: ProcessContext,
  element: ModdleElement,
  extension: ElementExtension,
): Body<ReceiveTask> | null {
  const code = handlerOf(context, element, extension, 'task', 'receiveTask');
  if (code === 'missing') return null;
  if (code) return bodyOf(code);
  const more = readMessages(context, element, extension);
  if (more.length > 0 && !elementOf(element, 'messageRef')) {
    return { type: 'receiveTask', messages: more, ...resultOf(context, element, extension) };
  }
  const name = messageName(context, element, element);
  const said = readCorrelation(context, element, extension.all('correlation'));
  const correlation = orByKey(context, element, said);
  expectCorrelation(context, element, correlation);
  const own = name === undefined ? [] : [{ type: 'message' as const, message: name, correlation }];
  return {
    type: 'receiveTask',
    messages: [...own, ...more],
    ...resultOf(context, element, extension),
  };
}

/** Messages beside the one that the standard has a place for. */
function readMessages(
  context: ProcessContext,
  element: ModdleElement,
  extension: ElementExtension,
): readonly MessageEventDefinition[] {
  return extension.all('message').map((given) => {
    const correlation = readCorrelation(context, element, elementsOf(given, 'correlation'));
    expectCorrelation(context, element, correlation);
    const message = textOf(given, 'name') ?? '';
    if (message === '') {
      context.report.add(
        'message-name',
        element,
        'expected the name of an event or procedure as the message, found none',
        'add name="..." to <orderloom:message>',
      );
    }
    return { type: 'message', message, correlation };
  });
}

function readUserTask(
  context: ProcessContext,
  element: ModdleElement,
  extension: ElementExtension,
): Body<UserTask> | null {
  const code = handlerOf(context, element, extension, 'task', 'userTask');
  if (code === 'missing') return null;
  if (code) return bodyOf(code);
  const title = extension.text('task', 'title');
  const titleText = title === undefined ? null : feel(context, element, title);
  return {
    type: 'userTask',
    title: titleText ? asText(titleText) : constant(textOf(element, 'name') ?? String(element.id)),
    subject: mapping(context, element, extension.all('input')) ?? constant(null),
    output: z.unknown(),
    messages: readMessages(context, element, extension),
    ...readHumanWork(context, element, extension),
    ...resultOf(context, element, extension),
  };
}

function readSubProcess(
  context: ProcessContext,
  element: ModdleElement,
  extension: ElementExtension,
): Body<SubProcess> | null {
  const code = handlerOf(context, element, extension, 'task', 'subProcess');
  if (code === 'missing') return null;
  if (code) return bodyOf(code);
  const text = extension.text('task', 'output');
  const output = text === undefined ? null : feel(context, element, text);
  if (kindOf(element) === 'transaction') checkMethod(context, element);
  return {
    type: 'subProcess',
    triggeredByEvent: element.triggeredByEvent === true,
    ...(kindOf(element) === 'transaction' ? { transaction: true } : {}),
    ...(kindOf(element) === 'adHocSubProcess'
      ? { adHoc: readAdHoc(context, element, extension) }
      : {}),
    ...(output ? { output } : {}),
    ...resultOf(context, element, extension),
  };
}

/** What was done in a transaction is undone by compensation, and in no other way. */
function checkMethod({ report }: ProcessContext, element: ModdleElement): void {
  const method = textOf(element, 'method') ?? '##Compensate';
  if (method === '##Compensate') return;
  report.add(
    'property-unsupported',
    element,
    `expected method="##Compensate", found "${method}"`,
    'take it out, and draw what undoes the activities',
  );
}

function readAdHoc(
  context: ProcessContext,
  element: ModdleElement,
  extension: ElementExtension,
): AdHoc {
  const until = elementOf(element, 'completionCondition');
  const completion = until ? feelOf(context, element, until) : null;
  const text = extension.text('task', 'activate');
  const activate = text === undefined ? null : feel(context, element, text);
  return {
    sequential: element.ordering === 'Sequential',
    cancelRemaining: element.cancelRemainingInstances !== false,
    ...(completion ? { completion: asCondition(completion) } : {}),
    ...(activate ? { activate: activate as Expression<readonly string[]> } : {}),
  };
}

function readCall(
  context: ProcessContext,
  element: ModdleElement,
  extension: ElementExtension,
): Body<CallActivity> | null {
  const code = handlerOf(context, element, extension, 'task', 'callActivity');
  if (code === 'missing') return null;
  if (code) return bodyOf(code);
  const called = textOf(element, 'calledElement');
  if (!called) {
    context.report.add(
      'reference-missing',
      element,
      'expected the key of the process that is called, found none',
      'set calledElement to the id of a process',
    );
    return null;
  }
  const own = extension.one('task');
  const version = own && numberOf(own, 'version');
  return {
    type: 'callActivity',
    calledProcess: called,
    ...(version === undefined ? {} : { calledVersion: version }),
    ...(own && textOf(own, 'keepsBusinessKey') === 'true' ? { keepsBusinessKey: true } : {}),
    input: mapping(context, element, extension.all('input')) ?? constant({}),
    ...resultOf(context, element, extension),
  };
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

interface Loops {
  readonly multiInstance?: MultiInstance | undefined;
  readonly standardLoop?: StandardLoop | undefined;
}

function readLoops(context: ProcessContext, element: ModdleElement, code: Loops): Loops {
  const loop = elementOf(element, 'loopCharacteristics');
  if (!loop) return {};
  checkProperties(loop, context.report);
  if (kindOf(loop) === 'standardLoopCharacteristics') {
    const standardLoop = code.standardLoop ?? readStandardLoop(context, element, loop);
    return standardLoop ? { standardLoop } : {};
  }
  const multiInstance = readMultiInstance(context, element, loop, code);
  return multiInstance ? { multiInstance } : {};
}

function readStandardLoop(
  context: ProcessContext,
  element: ModdleElement,
  loop: ModdleElement,
): StandardLoop | null {
  const written = elementOf(loop, 'loopCondition');
  const maximum = numberOf(loop, 'loopMaximum');
  const isNumber = maximum === undefined || (Number.isSafeInteger(maximum) && maximum >= 1);
  if (!isNumber || (maximum === undefined && !written)) {
    context.report.add(
      'loop-invalid',
      element,
      `expected a loop to have a condition, or a number of runs of 1 or more, found ${maximum ?? 'neither'}`,
      'add a loopCondition, or a loopMaximum',
    );
    return null;
  }
  const condition = written ? feelOf(context, element, written) : null;
  return {
    testBefore: loop.testBefore === true,
    ...(condition ? { condition: asCondition(condition) } : {}),
    ...(maximum === undefined ? {} : { maximum }),
  };
}

function readMultiInstance(
  context: ProcessContext,
  element: ModdleElement,
  loop: ModdleElement,
  code: Loops,
): MultiInstance | null {
  const { report } = context;
  const sequential = loop.isSequential === true;
  if (code.multiInstance) return { ...code.multiInstance, sequential };
  const extension = new ElementExtension(loop, report);
  const list = extension.text('loop', 'collection');
  const count = elementOf(loop, 'loopCardinality');
  if ((list === undefined) === (count === undefined)) {
    report.add(
      'loop-invalid',
      element,
      `expected either a list or a number of instances, found ${count ? 'both' : 'neither'}`,
      'add <orderloom:loop collection="= input.items" item="item"/> or a loopCardinality',
    );
    return null;
  }
  const collection =
    list === undefined
      ? counted(count ? feelOf(context, element, count) : null)
      : (feel(context, element, list) ?? unread);
  const item = variable(context, element, extension.text('loop', 'item')) ?? 'loopItem';
  const until = elementOf(loop, 'completionCondition');
  const condition = until ? feelOf(context, element, until) : null;
  const text = extension.text('loop', 'output');
  const output = text === undefined ? null : feel(context, element, text);
  const throws = readBehavior(context, element, loop);
  return {
    sequential,
    ...(throws.length > 0 ? { throws } : {}),
    collection: collection as Expression<readonly unknown[]>,
    item,
    ...(condition ? { completionCondition: condition as Expression<boolean> } : {}),
    ...(output ? { output } : {}),
  };
}

function counted(count: Expression | null): Expression<readonly unknown[]> {
  if (!count) return unread;
  return {
    source: count.source,
    evaluate(variables) {
      const number = count.evaluate(variables);
      if (Number.isSafeInteger(number) && Number(number) >= 0 && Number(number) <= mostInstances) {
        return Array.from({ length: Number(number) }, (_, index) => index);
      }
      throw new Error(
        `expected "${count.source}" to be a whole number up to ${mostInstances}, found ${JSON.stringify(number)}`,
      );
    },
  };
}

/** True when an expression of the standard refers to code. */
export function isCode(expression: ModdleElement | undefined): boolean {
  return expression !== undefined && textOf(expression, 'language') === codeLanguage;
}
