/** Operations over external tasks: what workers call, and what operators look at and mend. */
import { dateText } from '../dates.ts';
import { definitionId, definitionKeyOf } from '../definition-ids.ts';
import {
  isTrue,
  listOf,
  numberOf,
  type Operation,
  onlyKnown,
  optionalNumber,
  optionalText,
  type RestRequest,
  textOf,
} from '../operation.ts';
import { countKept, countRows, pageParameters, readRows } from '../pages.ts';
import { invalid, unsupported } from '../rest-error.ts';
import { plainValues, typedValues } from '../typed-values.ts';

interface ExternalTask {
  readonly id: string;
  readonly instanceId: string;
  readonly n: number;
  readonly process: string;
  readonly version: number;
  readonly businessKey: string | null;
  readonly element: string;
  readonly topic: string;
  readonly priority: number;
  readonly retries: number | null;
  readonly workerId: string | null;
  readonly freeAt: string | null;
  readonly suspended: boolean;
  readonly createdAt: string;
  readonly errorMessage: string | null;
}

interface HandedOut extends ExternalTask {
  readonly errorDetails: string | null;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly properties: Readonly<Record<string, string>>;
}

/** The longest that an answer may wait for work, as in Camunda 7. */
const longestWaitMs = 1_800_000;
/** The longest that one call of the procedure waits. */
const waitPerCallMs = 60_000;
const timerToleranceMs = 100;

function view(task: ExternalTask, { engine }: RestRequest) {
  return {
    activityId: task.element,
    activityInstanceId: `${task.element}:${task.n}`,
    errorMessage: task.errorMessage,
    executionId: `${task.instanceId}:${task.n}`,
    id: task.id,
    lockExpirationTime: dateText(task.workerId === null ? null : task.freeAt),
    createTime: dateText(task.createdAt),
    processDefinitionId: definitionId(task),
    processDefinitionKey: task.process,
    processDefinitionVersionTag: engine.model(task.process, task.version)?.versionTag ?? null,
    processInstanceId: task.instanceId,
    retries: task.retries,
    suspended: task.suspended,
    tenantId: null,
    topicName: task.topic,
    workerId: task.workerId,
    priority: task.priority,
    businessKey: task.businessKey,
  };
}

const topicParameters = [
  ...['topicName', 'lockDuration', 'variables', 'localVariables', 'businessKey'],
  ...['processDefinitionId', 'processDefinitionIdIn', 'processDefinitionKey'],
  ...[
    'processDefinitionVersionTag',
    'processDefinitionKeyIn',
    'processVariables',
    'tenantIdIn',
    'withoutTenantId',
  ],
  ...['includeExtensionProperties', 'deserializeValues'],
];

/** One topic of a request; null when it asks for a tenant, or for a tag that no version has. */
function topicOf(given: unknown, { engine }: RestRequest) {
  if (typeof given !== 'object' || given === null) {
    throw invalid('expected each topic to be an object');
  }
  const topic = given as Readonly<Record<string, unknown>>;
  onlyKnown(topic, topicParameters);
  const tenants = listOf(topic.tenantIdIn);
  if (tenants && tenants.length > 0) return null;
  const businessKey = optionalText(topic, 'businessKey');
  const variables = listOf(topic.variables);
  const named = [
    ...(listOf(topic.processDefinitionId) ?? []),
    ...(listOf(topic.processDefinitionIdIn) ?? []),
  ];
  for (const id of named) definitionKeyOf(id);
  const tag = optionalText(topic, 'processDefinitionVersionTag');
  const definitions =
    tag === undefined
      ? named
      : engine
          .models()
          .filter(({ versionTag }) => versionTag === tag)
          .map(({ key, version }) => definitionId({ process: key, version }))
          .filter((id) => named.length === 0 || named.includes(id));
  if (tag !== undefined && definitions.length === 0) return null;
  const processes = [
    ...(listOf(topic.processDefinitionKey) ?? []),
    ...(listOf(topic.processDefinitionKeyIn) ?? []),
  ];
  const having = topic.processVariables;
  return {
    topic: textOf(topic, 'topicName'),
    lockMs: numberOf(topic, 'lockDuration'),
    ...(variables ? { variables } : {}),
    ...(businessKey === undefined ? {} : { businessKey }),
    ...(definitions.length > 0 ? { definitions } : {}),
    ...(processes.length > 0 ? { processes } : {}),
    ...(having && Object.keys(having).length > 0 ? { having } : {}),
    ...(isTrue(topic.localVariables) ? { ownOnly: true } : {}),
  };
}

function newestFirst(sorting: unknown): boolean {
  if (!Array.isArray(sorting) || sorting.length === 0) return false;
  const [{ sortBy, sortOrder }] = sorting as [{ sortBy?: unknown; sortOrder?: unknown }];
  if (sorting.length === 1 && sortBy === 'createTime') return sortOrder === 'desc';
  throw invalid('expected sorting to be by createTime alone');
}

async function fetchAndLock(request: RestRequest) {
  const { body, signal } = request;
  const given = body.topics;
  if (!Array.isArray(given)) throw invalid('expected "topics" to be a list of topics');
  const topics = given.map((topic) => topicOf(topic, request));
  const wanted = topics.filter((topic) => topic !== null);
  const withProperties = new Set(
    given.flatMap((topic: { topicName?: string; includeExtensionProperties?: unknown }) =>
      isTrue(topic.includeExtensionProperties) ? [topic.topicName] : [],
    ),
  );
  const input = {
    workerId: textOf(body, 'workerId'),
    most: Math.min(numberOf(body, 'maxTasks'), 1_000),
    byPriority: isTrue(body.usePriority),
    newestFirst: newestFirst(body.sorting),
    topics: wanted,
  };
  const timeout = optionalNumber(body, 'asyncResponseTimeout') ?? 0;
  if (timeout < 0 || timeout > longestWaitMs) {
    throw invalid(`expected asyncResponseTimeout to be at most ${longestWaitMs}, found ${timeout}`);
  }
  const until = performance.now() + timeout;
  if (wanted.length === 0) return { json: [] };
  for (;;) {
    const leftMs = Math.max(0, Math.floor(until - performance.now()));
    const waitMs = Math.min(leftMs, waitPerCallMs);
    const asked = { ...input, waitMs };
    const began = performance.now();
    const { tasks } = await request.run<{ tasks: HandedOut[] }>('external-tasks.fetch', asked);
    // An answer before its time says that nobody may wait: the program stops, or too many wait.
    const hasWaited = performance.now() - began >= waitMs - timerToleranceMs;
    if (tasks.length === 0 && leftMs > waitMs && hasWaited && !signal.aborted) continue;
    return {
      json: tasks.map((task) => ({
        ...view(task, request),
        errorDetails: task.errorDetails,
        variables: typedValues(task.variables),
        ...(withProperties.has(task.topic) ? { extensionProperties: task.properties } : {}),
      })),
    };
  }
}

/** Filters of the list that the procedure has. */
function listInput(query: RestRequest['query']) {
  onlyKnown(query, [
    ...pageParameters,
    ...['externalTaskId', 'topicName', 'workerId', 'processInstanceId', 'processDefinitionId'],
    ...['processDefinitionKey', 'noRetriesLeft', 'withRetriesLeft', 'locked', 'notLocked'],
    ...['suspended', 'active', 'activityId'],
  ]);
  const { topicName, workerId, processInstanceId, processDefinitionId } = query;
  const process =
    processDefinitionId === undefined
      ? query.processDefinitionKey
      : definitionKeyOf(processDefinitionId).process;
  return {
    ...(topicName === undefined ? {} : { topic: topicName }),
    ...(workerId === undefined ? {} : { workerId }),
    ...(processInstanceId === undefined ? {} : { instanceId: processInstanceId }),
    ...(process === undefined ? {} : { process }),
    ...(isTrue(query.noRetriesLeft) ? { noRetriesLeft: 'true' } : {}),
    ...(isTrue(query.withRetriesLeft) ? { noRetriesLeft: 'false' } : {}),
  };
}

/** Filters of the list that are applied to what the procedure gives. */
function keeps(query: RestRequest['query']): ((task: ExternalTask) => boolean) | undefined {
  const { externalTaskId, activityId, processDefinitionId } = query;
  const isLocked = ({ workerId, freeAt }: ExternalTask) =>
    workerId !== null && freeAt !== null && new Date(freeAt) > new Date();
  const tests = [
    externalTaskId !== undefined && ((task: ExternalTask) => task.id === externalTaskId),
    activityId !== undefined && ((task: ExternalTask) => task.element === activityId),
    processDefinitionId !== undefined &&
      ((task: ExternalTask) => definitionId(task) === processDefinitionId),
    isTrue(query.locked) && isLocked,
    isTrue(query.notLocked) && ((task: ExternalTask) => !isLocked(task)),
    isTrue(query.suspended) && ((task: ExternalTask) => task.suspended),
    isTrue(query.active) && ((task: ExternalTask) => !task.suspended),
  ].filter((test) => test !== false);
  return tests.length === 0 ? undefined : (task) => tests.every((test) => test(task));
}

const sortKeys = {
  id: ({ id }: ExternalTask) => id,
  createTime: ({ createdAt }: ExternalTask) => createdAt,
  lockExpirationTime: ({ freeAt }: ExternalTask) => freeAt,
  processInstanceId: ({ instanceId }: ExternalTask) => instanceId,
  processDefinitionKey: ({ process }: ExternalTask) => process,
  taskPriority: ({ priority }: ExternalTask) => priority,
};

const holder = ({ params, body }: RestRequest) => ({
  taskId: params.id,
  workerId: textOf(body, 'workerId'),
});

/** A message of a client; longer ones are cut, as Camunda 7 cuts them. */
function messageOf(body: RestRequest['body'], name: string, most: number): string | undefined {
  return optionalText(body, name)?.slice(0, most);
}

/** Operations over external tasks. */
export const externalTaskOperations: readonly Operation[] = [
  {
    method: 'POST',
    path: '/external-task/fetchAndLock',
    procedures: ['external-tasks.fetch'],
    note: 'Tenants are unknown: a topic that names some gets nothing.',
    answer: fetchAndLock,
  },
  {
    method: 'POST',
    path: '/external-task/{id}/complete',
    procedures: ['external-tasks.complete'],
    async answer(request) {
      const { body } = request;
      await request.run('external-tasks.complete', {
        ...holder(request),
        variables: plainValues(body.variables),
        localVariables: plainValues(body.localVariables),
      });
      return {};
    },
  },
  {
    method: 'POST',
    path: '/external-task/{id}/failure',
    procedures: ['external-tasks.fail'],
    note: 'Without `retries` a task is tried three times in all.',
    async answer(request) {
      const { body } = request;
      const retries = optionalNumber(body, 'retries');
      const retryAfterMs = optionalNumber(body, 'retryTimeout');
      const errorMessage = messageOf(body, 'errorMessage', 4_000);
      const errorDetails = messageOf(body, 'errorDetails', 20_000);
      const variables = body.variables == null ? {} : { variables: plainValues(body.variables) };
      await request.run('external-tasks.fail', {
        ...holder(request),
        ...(errorMessage === undefined ? {} : { errorMessage }),
        ...(errorDetails === undefined ? {} : { errorDetails }),
        ...(retries === undefined ? {} : { retries }),
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
        ...variables,
      });
      return {};
    },
  },
  {
    method: 'POST',
    path: '/external-task/{id}/bpmnError',
    procedures: ['external-tasks.raise-error'],
    note: 'An error that nothing catches opens an incident; Camunda 7 ends the way in silence.',
    async answer(request) {
      const { body } = request;
      const errorMessage = messageOf(body, 'errorMessage', 4_000);
      await request.run('external-tasks.raise-error', {
        ...holder(request),
        errorCode: textOf(body, 'errorCode'),
        ...(errorMessage === undefined ? {} : { errorMessage }),
        variables: plainValues(body.variables),
      });
      return {};
    },
  },
  {
    method: 'POST',
    path: '/external-task/{id}/lock',
    procedures: ['external-tasks.lock'],
    async answer(request) {
      const lockMs = numberOf(request.body, 'lockDuration');
      await request.run('external-tasks.lock', { ...holder(request), lockMs });
      return {};
    },
  },
  {
    method: 'POST',
    path: '/external-task/{id}/extendLock',
    procedures: ['external-tasks.extend-lock'],
    async answer(request) {
      const lockMs = numberOf(request.body, 'newDuration');
      await request.run('external-tasks.extend-lock', { ...holder(request), lockMs });
      return {};
    },
  },
  {
    method: 'POST',
    path: '/external-task/{id}/unlock',
    procedures: ['external-tasks.unlock'],
    async answer(request) {
      await request.run('external-tasks.unlock', { taskId: request.params.id });
      return {};
    },
  },
  {
    method: 'PUT',
    path: '/external-task/{id}/retries',
    procedures: ['external-tasks.set-retries'],
    async answer(request) {
      const retries = numberOf(request.body, 'retries');
      await request.run('external-tasks.set-retries', { taskId: request.params.id, retries });
      return {};
    },
  },
  {
    method: 'PUT',
    path: '/external-task/{id}/priority',
    procedures: ['external-tasks.get'],
    note: 'Answered with 501: the priority follows from the process.',
    answer() {
      throw unsupported('a priority set by hand', 'write it into the process as taskPriority');
    },
  },
  {
    method: 'GET',
    path: '/external-task',
    procedures: ['external-tasks.list'],
    async answer(request) {
      const { query } = request;
      const keep = keeps(query);
      const tasks = await readRows<ExternalTask>(request, 'external-tasks.list', listInput(query), {
        sort: sortKeys,
        ...(keep ? { keep } : {}),
      });
      return { json: tasks.map((task) => view(task, request)) };
    },
  },
  {
    method: 'GET',
    path: '/external-task/count',
    procedures: ['external-tasks.list'],
    async answer(request) {
      const input = listInput(request.query);
      const keep = keeps(request.query);
      return {
        json: keep
          ? await countKept(request, 'external-tasks.list', input, keep)
          : await countRows(request, 'external-tasks.list', input),
      };
    },
  },
  {
    method: 'GET',
    path: '/external-task/{id}',
    procedures: ['external-tasks.get'],
    async answer(request) {
      const task = await request.run<ExternalTask>('external-tasks.get', {
        taskId: request.params.id,
      });
      return { json: view(task, request) };
    },
  },
  {
    method: 'GET',
    path: '/external-task/{id}/errorDetails',
    procedures: ['external-tasks.get'],
    async answer(request) {
      const { errorDetails } = await request.run<{ errorDetails: string | null }>(
        'external-tasks.get',
        { taskId: request.params.id },
      );
      return { text: errorDetails ?? '' };
    },
  },
];
