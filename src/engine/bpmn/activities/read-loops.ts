/** Activities that run several times: standard loops, and multi-instance activities over a list or a number. */
import type { ModdleElement } from 'bpmn-moddle';
import { asCondition } from '../../expressions/feel.ts';
import type { Expression } from '../../model/expression.ts';
import type { MultiInstance, StandardLoop } from '../../model/process-model.ts';
import { checkProperties } from '../known-properties.ts';
import { elementOf, kindOf, numberOf } from '../moddle-values.ts';
import { feel, feelOf, type ProcessContext, unread, variable } from '../process-context.ts';
import { ElementExtension } from '../read-extension.ts';
import { readBehavior } from './read-loop-behavior.ts';

/** Instances that a number alone may ask for. */
const mostInstances = 10_000;

/** The one way in which an activity runs several times, if it does. */
export interface Loops {
  readonly multiInstance?: MultiInstance | undefined;
  readonly standardLoop?: StandardLoop | undefined;
}

/** The loop that is drawn, with what the code says of it where the activity refers to some. */
export function readLoops(context: ProcessContext, element: ModdleElement, code: Loops): Loops {
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
