/** The processes that models call: each does what the script of its caller says. */
import type { Variables } from '../../model/expression.ts';
import type { ProcessModel } from '../../model/process-model.ts';
import {
  type Draft,
  drawProcess,
  endEvent,
  error,
  exclusiveGateway,
  serviceTask,
  startEvent,
} from '../../testing/draw-process.ts';

/** The procedure that says what a called process does; its element `work` asks for it. */
export const childProcedure = 'child.work';

/** Processes that are called, each with the version that is asked for. */
export function calledBy(models: readonly ProcessModel[]): ReadonlyMap<string, number> {
  const calls = models.flatMap(({ nodes }) =>
    Object.values(nodes).filter((node) => node.type === 'callActivity'),
  );
  return new Map(
    calls.map(({ calledProcess, calledVersion = 1 }) => [calledProcess, calledVersion]),
  );
}

/**
 * A process that does what the script says: it ends with a result, or with one of these errors, or throws
 * one of these escalations and goes on.
 */
export function calledProcess(
  key: string,
  version: number,
  { errors, escalations }: Readonly<Record<'errors' | 'escalations', readonly string[]>>,
): ProcessModel {
  const says = (what: 'fails' | 'tells', code: string) => (variables: Variables) =>
    (variables.given as Readonly<Record<string, unknown>> | null)?.[what] === code;
  const tell = (code: string): Draft => ({
    node: { type: 'intermediateThrowEvent', event: { type: 'escalation', code } },
  });
  return drawProcess(key, {
    version,
    nodes: {
      start: startEvent(),
      again: exclusiveGateway(),
      work: serviceTask({ job: ({ run }) => run(childProcedure, {}), result: 'given' }),
      how: exclusiveGateway('how -> end'),
      end: endEvent(),
      ...Object.fromEntries(errors.map((code) => [`fails${code}`, endEvent(error(code))])),
      ...Object.fromEntries(escalations.map((code) => [`tells${code}`, tell(code)])),
    },
    flows: [
      'start -> again -> work -> how -> end',
      ...errors.map((code) => `how -> fails${code}`),
      ...escalations.map((code) => `how -> tells${code} -> again`),
    ],
    when: Object.fromEntries([
      ...errors.map((code) => [`how -> fails${code}`, says('fails', code)]),
      ...escalations.map((code) => [`how -> tells${code}`, says('tells', code)]),
    ]),
    output: ({ given }) => given,
  });
}
