/** Script tasks in JavaScript: whether they may be, whether they can be read, and how they are run. */
import type { ModdleElement } from 'bpmn-moddle';
import { TerminalFault } from '../../kernel/errors.ts';
import { retryPolicy } from '../code/retry.ts';
import { everyMember } from '../model/named-values.ts';
import type { ServiceTask } from '../model/process-model.ts';
import type { ScriptRunner } from '../scripts/script-runner.ts';
import { elementsOf, kindOf, textOf } from './moddle-values.ts';
import type { Report } from './report.ts';

/** Attempts, of which only those count that found no place in line. */
const attempts = 10;
const timeoutMs = 30_000;

/**
 * Who runs scripts. `off`: they are read, since their drawing was deployed when they were allowed, and fail;
 * absent: they are refused.
 */
export type Scripts = ScriptRunner | 'off' | undefined;

/** True for the script format of JavaScript. */
export function isJavaScript(format: string | undefined): boolean {
  return (
    format !== undefined && /^(text\/|application\/)?(javascript|ecmascript|js)$/i.test(format)
  );
}

/** Notes the scripts of a file that cannot be read, or may not be there. */
export async function checkScripts(
  definitions: ModdleElement,
  report: Report,
  scripts: Scripts,
): Promise<void> {
  for (const task of scriptTasks(definitions)) {
    if (!isJavaScript(textOf(task, 'scriptFormat'))) continue;
    if (scripts === undefined) {
      report.add(
        'expression-language',
        task,
        'expected a script in FEEL, found one in JavaScript, which is switched off',
        'write it in FEEL with scriptFormat="feel", or start the program with JAVASCRIPT_SCRIPTS=on',
      );
    } else if (scripts !== 'off') {
      const problem = await scripts.problemOf(textOf(task, 'script') ?? '');
      if (problem) report.add('expression-invalid', task, problem, 'mend the script');
    }
  }
}

function* scriptTasks(container: ModdleElement): Generator<ModdleElement> {
  for (const name of ['rootElements', 'flowElements']) {
    for (const element of elementsOf(container, name)) {
      if (kindOf(element) === 'scriptTask') yield element;
      else yield* scriptTasks(element);
    }
  }
}

/** A script as the work of a task: each variable that it sets, and its value under the name of the result. */
export function javaScriptTask(
  element: ModdleElement,
  result: string | undefined,
  scripts: Scripts,
): Pick<ServiceTask, 'type' | 'job' | 'retry' | 'timeoutMs'> & { readonly result: string } {
  const source = textOf(element, 'script') ?? '';
  return {
    type: 'serviceTask',
    async job({ variables, at, elementId }) {
      if (scripts === undefined || scripts === 'off') {
        throw new TerminalFault(
          'SCRIPTS_OFF',
          `expected script "${elementId}" to be allowed, found JavaScript switched off; start the program with ` +
            'JAVASCRIPT_SCRIPTS=on, or move the instance to a version without it',
        );
      }
      const given = await scripts.run(source, variables, at);
      return result === undefined ? given.set : { ...given.set, [result]: given.result };
    },
    retry: retryPolicy({}, attempts),
    timeoutMs,
    result: everyMember,
  };
}
