/**
 * Operations over jobs. What Camunda 7 calls a job is here a timer that is set, or a step that failed: one that is
 * tried again by itself, or that stopped with an incident and waits for a person. The id of a step is that of
 * the instance and the number of the element; that of a timer names the event, too.
 */
import { dateOf, dateText } from '../dates.ts';
import { definitionId } from '../definition-ids.ts';
import {
  isTrue,
  listOf,
  numberOf,
  type Operation,
  onlyKnown,
  type RestAnswer,
  type RestRequest,
} from '../operation.ts';
import { pageParameters, pickRows, readRows } from '../pages.ts';
import { invalid, missing, unsupported } from '../rest-error.ts';
import type { ActiveElement, InstanceDetails } from './instance-view.ts';
import { definitionFilter } from './process-definitions.ts';

/** Instances whose steps one answer lists. */
const mostInstances = 200;
/** Timers that one answer is made of, those that are due first. */
const mostTimers = 2_000;

/** A row of `timers.list`. */
interface Timer {
  readonly instanceId: string;
  readonly process: string;
  readonly version: number;
  readonly element: string;
  readonly n: number;
  readonly dueAt: string;
}

interface Step {
  readonly instance: InstanceDetails;
  readonly element: ActiveElement;
}

const isStep = ({ incident, retrying }: ActiveElement) =>
  incident !== undefined || retrying !== undefined;

/** The id of the job of a step. */
export function stepJobId(instanceId: string, n: number): string {
  return `${instanceId}:${n}`;
}

const nothingMore = {
  jobDefinitionId: null,
  priority: 0,
  createTime: null,
  tenantId: null,
  batchId: null,
};

function stepView({ instance, element }: Step) {
  const { incident, retrying } = element;
  return {
    id: stepJobId(instance.id, element.n),
    dueDate: dateText(retrying?.nextAttemptAt ?? null),
    processInstanceId: instance.id,
    processDefinitionId: definitionId(instance),
    processDefinitionKey: instance.process,
    executionId: stepJobId(instance.id, element.n),
    retries: incident ? 0 : 1,
    exceptionMessage: incident?.message ?? retrying?.message ?? null,
    failedActivityId: element.element as string | null,
    suspended: instance.status === 'suspended',
    ...nothingMore,
  };
}

type JobView = ReturnType<typeof stepView>;

function timerView(timer: Timer): JobView {
  return {
    id: `${stepJobId(timer.instanceId, timer.n)}:${timer.element}`,
    dueDate: dateText(timer.dueAt),
    processInstanceId: timer.instanceId,
    processDefinitionId: definitionId(timer),
    processDefinitionKey: timer.process,
    executionId: stepJobId(timer.instanceId, timer.n),
    retries: 1,
    exceptionMessage: null,
    failedActivityId: null,
    suspended: false,
    ...nothingMore,
  };
}

/** What the id of a job names. */
function targetOf({ params: { id = '' } }: RestRequest) {
  const [, instanceId, n, element] = /^([0-9a-f-]{36}):(\d{1,9})(?::(.{1,200}))?$/.exec(id) ?? [];
  if (instanceId !== undefined) return { instanceId, n: Number(n), element };
  throw missing(`Job with id ${id} does not exist`);
}

async function stepOf(request: RestRequest): Promise<Step> {
  const { instanceId, n } = targetOf(request);
  const instance = await request.run<InstanceDetails>('processes.get', { instanceId });
  const element = instance.elements.find((one) => one.n === n && isStep(one));
  if (element) return { instance, element };
  throw missing(`Job with id ${request.params.id} does not exist`);
}

async function timerOf(request: RestRequest): Promise<Timer> {
  const { instanceId, n, element } = targetOf(request);
  const all = { ...request, query: {} };
  const timers = await readRows<Timer>(all, 'timers.list', { instanceId });
  const found = timers.find((one) => one.n === n && one.element === element);
  if (found) return found;
  throw missing(`Job with id ${request.params.id} does not exist`);
}

const isTimer = (request: RestRequest) => targetOf(request).element !== undefined;

async function jobOf(request: RestRequest): Promise<JobView> {
  return isTimer(request) ? timerView(await timerOf(request)) : stepView(await stepOf(request));
}

const parameters = [
  ...pageParameters,
  ...['jobId', 'jobIds', 'processInstanceId', 'processInstanceIds', 'processDefinitionKey'],
  ...['processDefinitionId', 'executionId', 'activityId', 'failedActivityId', 'withException'],
  ...['noRetriesLeft', 'withRetriesLeft', 'executable', 'timers', 'messages', 'dueDates'],
  ...['active', 'suspended', 'exceptionMessage'],
];

type Query = Readonly<Record<string, unknown>>;

/** The jobs that a query or a body asks for. */
async function jobs(request: RestRequest, given: Query): Promise<readonly JobView[]> {
  onlyKnown(given, parameters);
  if (isTrue(given.timers) && isTrue(given.messages)) {
    throw invalid('expected timers or messages, found both');
  }
  const instances = listOf(given.processInstanceIds) ?? listOf(given.processInstanceId);
  const steps = isTrue(given.timers) ? [] : await stepsOf(request, given, instances);
  const isOfSteps = isTrue(given.messages) || isTrue(given.withException);
  const timers = isOfSteps ? [] : await timersOf(request, given, instances);
  const known = new Set(steps.map(({ instance, element }) => stepJobId(instance.id, element.n)));
  const rows = [
    ...steps.map(stepView),
    // A step that waits for its next attempt is one job, not two.
    ...timers.filter(({ instanceId, n }) => !known.has(stepJobId(instanceId, n))).map(timerView),
  ];
  const tests = testsOf(given);
  return rows.filter((row) => tests.every((test) => test(row)));
}

async function stepsOf(
  request: RestRequest,
  given: Query,
  instances: readonly string[] | undefined,
): Promise<readonly Step[]> {
  const ids = new Set(instances);
  if (!instances) {
    const all = { ...request, query: {} };
    const of = definitionFilter(given as RestRequest['query']);
    for (const filter of [{ incident: true }, { retrying: true }]) {
      const asked = { open: true, ...of, ...filter };
      for (const { id } of await readRows<{ id: string }>(all, 'processes.list', asked))
        ids.add(id);
    }
  }
  const steps: Step[] = [];
  for (const instanceId of [...ids].slice(0, mostInstances)) {
    const instance = await request.run<InstanceDetails>('processes.get', { instanceId });
    steps.push(...instance.elements.filter(isStep).map((element) => ({ instance, element })));
  }
  return steps;
}

async function timersOf(
  request: RestRequest,
  given: Query,
  instances: readonly string[] | undefined,
): Promise<readonly Timer[]> {
  const { process } = definitionFilter(given as RestRequest['query']) as { process?: string };
  const all = { ...request, query: { maxResults: String(mostTimers) } };
  const filter = process === undefined ? {} : { process };
  if (!instances) return await readRows<Timer>(all, 'timers.list', filter);
  const found: Timer[] = [];
  for (const instanceId of instances.slice(0, mostInstances)) {
    found.push(...(await readRows<Timer>(all, 'timers.list', { ...filter, instanceId })));
  }
  return found;
}

function testsOf(given: Query): readonly ((row: JobView) => boolean)[] {
  const one = (names: readonly string[], of: (row: JobView) => string | null) => {
    const values = names.map((name) => listOf(given[name])).find((list) => list !== undefined);
    return (row: JobView) => values === undefined || values.includes(of(row) ?? '');
  };
  const now = Date.now();
  const isDue = ({ dueDate }: JobView) => dueDate === null || Date.parse(dueDate) <= now;
  return [
    one(['jobIds', 'jobId'], ({ id }) => id),
    one(['processDefinitionId'], ({ processDefinitionId }) => processDefinitionId),
    one(['executionId'], ({ executionId }) => executionId),
    one(['activityId', 'failedActivityId'], activityOf),
    one(['exceptionMessage'], ({ exceptionMessage }) => exceptionMessage),
    (row) => !isTrue(given.withException) || row.exceptionMessage !== null,
    (row) => !isTrue(given.noRetriesLeft) || row.retries === 0,
    (row) => !isTrue(given.withRetriesLeft) || row.retries > 0,
    (row) => !isTrue(given.executable) || (row.retries > 0 && isDue(row)),
    (row) => !isTrue(given.active) || !row.suspended,
    (row) => !isTrue(given.suspended) || row.suspended,
    ...dueDatesOf(given.dueDates),
  ];
}

/** The activity of a job: that of a timer stands in its id. */
function activityOf({ id, failedActivityId }: JobView): string | null {
  return failedActivityId ?? id.split(':').slice(2).join(':');
}

/** `gt_2026-11-21T14:30:00.000+0000,lt_...` in a query, objects in a body. */
function dueDatesOf(given: unknown): readonly ((row: JobView) => boolean)[] {
  const all = Array.isArray(given)
    ? given.map((one: unknown) => (one ?? {}) as Query)
    : (listOf(given) ?? []).map((text) => {
        const [, operator = '', value = ''] = /^(gt|lt)_(.+)$/.exec(text) ?? [];
        return { operator, value };
      });
  return all.map(({ operator, value }) => {
    if (operator !== 'gt' && operator !== 'lt') {
      throw invalid('expected dueDates such as gt_2026-11-21T14:30:00.000+0000, with gt or lt');
    }
    const bound = Date.parse(dateOf('dueDates', value) ?? '');
    return ({ dueDate }: JobView) => {
      if (dueDate === null) return false;
      return operator === 'gt' ? Date.parse(dueDate) > bound : Date.parse(dueDate) < bound;
    };
  });
}

const sort = {
  jobId: ({ id }: JobView) => id,
  jobDueDate: ({ dueDate }: JobView) => dueDate,
  jobRetries: ({ retries }: JobView) => retries,
  executionId: ({ executionId }: JobView) => executionId,
  processInstanceId: ({ processInstanceId }: JobView) => processInstanceId,
  processDefinitionId: ({ processDefinitionId }: JobView) => processDefinitionId,
  processDefinitionKey: ({ processDefinitionKey }: JobView) => processDefinitionKey,
};

/** A body with the one key that it sorts by, as a query has it. */
function bodyQuery(request: RestRequest): Query {
  const { sorting, ...body } = request.body;
  const [first] = Array.isArray(sorting) ? (sorting as Query[]) : [];
  return { ...request.query, ...body, ...(first ?? {}) };
}

async function list(request: RestRequest, given: Query): Promise<RestAnswer> {
  return { json: pickRows(given as RestRequest['query'], await jobs(request, given), sort) };
}

async function execute(request: RestRequest): Promise<RestAnswer> {
  if (isTimer(request)) return await moveTo(request, undefined);
  const { instance, element } = await stepOf(request);
  if (!element.incident) return await moveTo(request, undefined);
  await request.run('incidents.retry', { instanceId: instance.id, n: element.n });
  return {};
}

/** Has a timer, or the next attempt of a step, happen at a moment; absent: now. */
async function moveTo(request: RestRequest, dueAt: string | undefined): Promise<RestAnswer> {
  const { instanceId, n, element } = targetOf(request);
  const at = element ?? (await stepOf(request)).element.element;
  const moment = dueAt === undefined ? {} : { dueAt };
  await request.run('timers.move', { instanceId, element: at, n, ...moment });
  return {};
}

const lists = ['processes.get', 'processes.list', 'timers.list'];
const listNote = `Timers, the first ${mostTimers.toLocaleString('en')} of them, and steps that failed; steps at work are not listed.`;

/** Operations over jobs. */
export const jobOperations: readonly Operation[] = [
  {
    method: 'GET',
    path: '/job',
    procedures: lists,
    note: listNote,
    answer: (request) => list(request, request.query),
  },
  {
    method: 'POST',
    path: '/job',
    procedures: lists,
    note: `${listNote} Sorted by one key.`,
    answer: (request) => list(request, bodyQuery(request)),
  },
  {
    method: 'GET',
    path: '/job/count',
    procedures: lists,
    async answer(request) {
      return { json: { count: (await jobs(request, request.query)).length } };
    },
  },
  {
    method: 'POST',
    path: '/job/count',
    procedures: lists,
    async answer(request) {
      return { json: { count: (await jobs(request, bodyQuery(request))).length } };
    },
  },
  {
    method: 'GET',
    path: '/job/{id}',
    procedures: ['processes.get', 'timers.list'],
    async answer(request) {
      return { json: await jobOf(request) };
    },
  },
  {
    method: 'PUT',
    path: '/job/{id}/retries',
    procedures: ['incidents.retry', 'processes.get', 'timers.list'],
    note: 'Has a step that stopped tried again, as often as the process says. A timer has no retries.',
    async answer(request) {
      if (numberOf(request.body, 'retries') <= 0) {
        throw invalid('expected "retries" to be more than 0');
      }
      if (isTimer(request)) return timerOf(request).then(() => ({}));
      const { instance, element } = await stepOf(request);
      if (element.incident) {
        await request.run('incidents.retry', { instanceId: instance.id, n: element.n });
      }
      return {};
    },
  },
  {
    method: 'POST',
    path: '/job/{id}/execute',
    procedures: ['incidents.retry', 'timers.move', 'processes.get'],
    note: 'Has the timer happen, or the step tried again, now; its outcome is not waited for.',
    answer: execute,
  },
  {
    method: 'PUT',
    path: '/job/{id}/duedate',
    procedures: ['timers.move', 'processes.get'],
    note: 'Of a timer that repeats all moments move by as much, as with `cascade`. Without a date: now.',
    answer: (request) => moveTo(request, dateOf('duedate', request.body.duedate)),
  },
  {
    method: 'PUT',
    path: '/job/{id}/suspended',
    procedures: ['processes.get'],
    note: 'Answered with 501: instances are suspended as a whole.',
    async answer(request) {
      await jobOf(request);
      throw unsupported('suspending one job', 'suspend its instance');
    },
  },
  {
    method: 'GET',
    path: '/job/{id}/stacktrace',
    procedures: ['processes.get', 'timers.list'],
    async answer(request) {
      return { text: (await jobOf(request)).exceptionMessage ?? '' };
    },
  },
];
