/** Moving an instance by hand: instructions in the words of Camunda 7, as the engine reads them. */
import {
  type Operation,
  onlyKnown,
  optionalText,
  type RestAnswer,
  type RestRequest,
  textOf,
} from '../operation.ts';
import { invalid } from '../rest-error.ts';
import { plainValues } from '../typed-values.ts';

/** An instruction of the client as the engine reads it. */
function instructionOf(given: unknown) {
  if (typeof given !== 'object' || given === null) {
    throw invalid('expected each instruction to be an object');
  }
  const one = given as Readonly<Record<string, unknown>>;
  onlyKnown(one, [
    ...['type', 'activityId', 'transitionId', 'activityInstanceId', 'ancestorActivityInstanceId'],
    ...['variables', 'cancelCurrentActiveActivityInstances'],
  ]);
  const scope = optionalText(one, 'ancestorActivityInstanceId');
  const around = scope === undefined ? {} : { scope: runOf(scope).n };
  const variables = one.variables == null ? {} : { variables: plainValues(one.variables) };
  const begin = { ...around, ...variables };
  switch (one.type) {
    case 'cancel': {
      const run = optionalText(one, 'activityInstanceId');
      if (run !== undefined) return { type: 'cancel', ...runOf(run) };
      return { type: 'cancel', element: textOf(one, 'activityId') };
    }
    case 'startBeforeActivity':
      return { type: 'start-before', element: textOf(one, 'activityId'), ...begin };
    case 'startAfterActivity':
      return { type: 'start-after', element: textOf(one, 'activityId'), ...begin };
    case 'startTransition':
      return { type: 'start-at', flow: textOf(one, 'transitionId'), ...begin };
    default:
      throw invalid(
        'expected the type of an instruction to be cancel, startBeforeActivity, startAfterActivity or ' +
          `startTransition, found ${JSON.stringify(one.type) ?? 'nothing'}`,
      );
  }
}

/** The element and number of an activity instance. */
function runOf(id: string): { readonly element: string; readonly n: number } {
  const [, element = '', n = ''] = /^(.+):(\d{1,9})$/.exec(id) ?? [];
  if (element !== '') return { element, n: Number(n) };
  throw invalid(`expected an activity instance such as ship:3, found "${id}"`);
}

async function modify(request: RestRequest): Promise<RestAnswer> {
  const { instructions } = request.body;
  if (!Array.isArray(instructions)) throw invalid('expected "instructions" to be a list');
  await request.run('processes.modify', {
    instanceId: request.params.id,
    instructions: instructions.map(instructionOf),
    reason: optionalText(request.body, 'annotation') ?? 'modified by REST',
  });
  return {};
}

/** Operations by which an instance is moved. */
export const instanceModificationOperations: readonly Operation[] = [
  {
    method: 'POST',
    path: '/process-instance/{id}/modification',
    procedures: ['processes.modify'],
    note: 'All in one step or nothing; `annotation` is the reason that is kept.',
    answer: modify,
  },
];
