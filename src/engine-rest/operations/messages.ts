/** Operations by which something outside tells processes: messages for one, signals for all. */
import { definitionId } from '../definition-ids.ts';
import {
  isTrue,
  type Operation,
  optionalText,
  type RestAnswer,
  type RestRequest,
  textOf,
} from '../operation.ts';
import { invalid, RestError, unsupported } from '../rest-error.ts';
import { plainValues, typedValues } from '../typed-values.ts';
import { type InstanceDetails, instanceView } from './instance-view.ts';

interface Reached {
  readonly instanceId: string;
  readonly started: boolean;
}

/** Tenants are unknown: who names one means nobody. */
function refuseTenant(body: RestRequest['body']): void {
  const tenant = optionalText(body, 'tenantId');
  if (tenant === undefined) return;
  throw invalid(`expected no tenantId, since there are no tenants here; found "${tenant}"`);
}

async function correlate(request: RestRequest): Promise<RestAnswer> {
  const { body } = request;
  refuseTenant(body);
  const name = textOf(body, 'messageName');
  const instanceId = optionalText(body, 'processInstanceId');
  const businessKey = optionalText(body, 'businessKey');
  const input = {
    name,
    payload: { ...plainValues(body.processVariables), ...plainValues(body.processVariablesLocal) },
    having: { ...plainValues(body.correlationKeys), ...plainValues(body.localCorrelationKeys) },
    all: isTrue(body.all),
    ...(instanceId === undefined ? {} : { instanceId }),
    ...(businessKey === undefined ? {} : { businessKey }),
  };
  const { reached } = await request
    .run<{ reached: Reached[] }>('messages.correlate', input)
    .catch((error: unknown) => {
      if (!(error instanceof RestError) || !/MESSAGE_(NOT_AWAITED|AMBIGUOUS)/.test(error.message)) {
        throw error;
      }
      throw new RestError(
        400,
        'RestException',
        `Cannot correlate message '${name}': ${error.message}`,
      );
    });
  if (!isTrue(body.resultEnabled)) return {};
  const withVariables = isTrue(body.variablesInResultEnabled);
  return {
    json: await Promise.all(reached.map((one) => resultOf(request, one, withVariables))),
  };
}

async function resultOf(
  request: RestRequest,
  { instanceId, started }: Reached,
  withVariables: boolean,
) {
  const instance = await request.run<InstanceDetails>('processes.get', { instanceId });
  const { variables } = instance;
  return {
    resultType: started ? 'ProcessDefinition' : 'Execution',
    execution: started
      ? null
      : {
          id: instanceId,
          processInstanceId: instanceId,
          ended: instance.endedAt !== null,
          tenantId: null,
        },
    processInstance: started
      ? { ...instanceView(instance), definitionId: definitionId(instance) }
      : null,
    ...(withVariables ? { variables: typedValues(variables) } : {}),
  };
}

/** Operations by which processes are told something. */
export const messageOperations: readonly Operation[] = [
  {
    method: 'POST',
    path: '/message',
    procedures: ['messages.correlate', 'processes.get'],
    note: 'Keys are compared with variables of the process; `all` reaches 100 instances.',
    answer: correlate,
  },
  {
    method: 'POST',
    path: '/signal',
    procedures: ['processes.broadcast-signal'],
    note: 'Everybody who waits hears it: one execution cannot be named.',
    async answer(request) {
      const { body } = request;
      refuseTenant(body);
      if (optionalText(body, 'executionId') !== undefined) {
        throw unsupported('a signal for one execution', 'send a message to its instance');
      }
      await request.run('processes.broadcast-signal', {
        ...{ signal: textOf(body, 'name'), payload: plainValues(body.variables) },
      });
      return {};
    },
  },
];
