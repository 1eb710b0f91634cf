/** Business rule tasks that evaluate a decision: which one, and the shape of its result. */
import type { ModdleElement } from 'bpmn-moddle';
import type { JobContext } from '../../model/job.ts';
import { numberOf } from '../moddle-values.ts';
import type { ProcessContext } from '../process-context.ts';
import type { ElementExtension } from '../read-extension.ts';

/** What the rows of a result become: the last four are those of Camunda. */
const shapes = ['result', 'singleEntry', 'singleResult', 'collectEntries', 'resultList'] as const;
type Shape = (typeof shapes)[number];

/** The decision of a task. */
export interface DecisionTask {
  readonly decision: string;
  /** Absent: the newest when the task is done. */
  readonly version: number | undefined;
  readonly shape: Shape;
}

interface Decided {
  readonly result: unknown;
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

/** The decision that a task names; null when it names none. */
export function readDecisionTask(
  { report, knowsDecision }: ProcessContext,
  element: ModdleElement,
  extension: ElementExtension,
): DecisionTask | null {
  const decision = extension.text('task', 'decision');
  const given = extension.one('task');
  if (decision === undefined || !given) return null;
  const version = numberOf(given, 'decisionVersion');
  const named = extension.text('task', 'decisionResult') ?? 'result';
  const shape = shapes.find((one) => one === named);
  const isVersion = version === undefined || (Number.isSafeInteger(version) && version > 0);
  if (!shape || !isVersion || extension.text('task', 'procedure') !== undefined) {
    report.add(
      'extension-invalid',
      element,
      'expected a decision with a version that is a number of 1 or more, a decisionResult of ' +
        `${shapes.join(', ')}, and no procedure beside it, found ${version ?? 'no version'} and "${named}"`,
      'mend <orderloom:task decision="..."/>',
    );
  }
  if (knowsDecision && !knowsDecision(decision)) {
    report.add(
      'decision-unknown',
      element,
      `expected a decision that was deployed, found "${decision}"`,
      'mend its id, or deploy its file first or with the drawing',
    );
  }
  return { decision, version, shape: shape ?? 'result' };
}

/** Decides within a step: a transaction with it, so that the history tells of it once. */
export async function decideInStep(
  { decision, version, shape }: DecisionTask,
  context: JobContext,
  variables: unknown,
): Promise<unknown> {
  const { instanceId, elementId } = context;
  const decided = (await context.run('decisions.decide', {
    ...{ decision, variables, step: { instanceId, element: elementId } },
    ...(version === undefined ? {} : { version }),
  })) as Decided;
  return shaped(decided, shape);
}

function shaped({ result, rows }: Decided, shape: Shape): unknown {
  const entries = rows.map((row) => Object.values(row)[0] ?? null);
  switch (shape) {
    case 'singleEntry':
      return entries[0] ?? null;
    case 'singleResult':
      return rows[0] ?? null;
    case 'collectEntries':
      return entries;
    case 'resultList':
      return rows;
    default:
      return result;
  }
}
