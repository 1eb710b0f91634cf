/** How often and how soon a step is tried again, and how long it may take: what a drawing says of it. */
import type { ModdleElement } from 'bpmn-moddle';
import { retryPolicy } from '../../code/retry.ts';
import type { RetryPolicy } from '../../model/process-model.ts';
import { type Duration, durationMs } from '../../time/duration.ts';
import { numberOf, textOf } from '../moddle-values.ts';
import type { ProcessContext } from '../process-context.ts';
import type { ElementExtension } from '../read-extension.ts';

const usualAttempts = 10;
/** Undoing gives up later: what is not undone is left for a person. */
const usualCompensationAttempts = 20;

/** The policy of a step; the usual one where nothing is said of it. */
export function readRetry(
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

/** A duration in milliseconds; undefined where there is none, or none that can be read. */
export function readDuration(
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
