/**
 * Lists that are made of the timeline of one instance: what became of its jobs and of its work outside. Each needs the instance, since the history is kept by instance.
 */
import { dateText } from '../dates.ts';
import { definitionId } from '../definition-ids.ts';
import { isTrue, listOf, type Operation, type RestAnswer, type RestRequest } from '../operation.ts';
import { pickRows, type SortKeys } from '../pages.ts';
import { instanceIdOf, readDetails } from './history-reads.ts';
import { activityInstanceId, type InstanceDetails, type TimelineEntry } from './instance-view.ts';

/** What a list of the history is made of. */
export interface HistoryList<Row> {
  readonly path: string;
  readonly procedures: readonly string[];
  readonly note: string;
  /** All rows that the query asks for. */
  readonly rows: (request: RestRequest) => Promise<readonly Row[]>;
  readonly sort: SortKeys<Row>;
}

/** The list, and how many rows it has. */
export function listAndCount<Row>(list: HistoryList<Row>): readonly Operation[] {
  const { path, procedures, note, rows, sort } = list;
  const operation = (of: string, answer: (request: RestRequest) => Promise<RestAnswer>) =>
    ({ method: 'GET', path: of, procedures, note, answer }) as const;
  return [
    operation(path, async (request) => ({
      json: pickRows(request.query, await rows(request), sort),
    })),
    operation(`${path}/count`, async (request) => ({
      json: { count: (await rows(request)).length },
    })),
  ];
}

/** Which of the four kinds of a log an entry is; none: it is no entry of the log. */
type LogKind = 'creationLog' | 'failureLog' | 'successLog' | 'deletionLog';

const jobTypes = ['serviceTask', 'timer'];

function logFlags(kind: LogKind) {
  const flags = { creationLog: false, failureLog: false, successLog: false, deletionLog: false };
  return { ...flags, [kind]: true };
}

function common(instance: InstanceDetails, { seq, n, at, element }: TimelineEntry) {
  return {
    id: `${instance.id}:${n}:${seq}`,
    timestamp: dateText(at),
    removalTime: null,
    activityId: element,
    executionId: `${instance.id}:${n}`,
    processInstanceId: instance.id,
    processDefinitionId: definitionId(instance),
    processDefinitionKey: instance.process,
    rootProcessInstanceId: instance.parent ?? instance.id,
    tenantId: null,
  };
}

interface Told {
  readonly by?: string;
  readonly code?: string;
  readonly message?: string;
  readonly retries?: number;
}

function told({ data }: TimelineEntry): Told {
  return typeof data === 'object' && data !== null ? (data as Told) : {};
}

const kindOfEntry: Readonly<Record<string, LogKind>> = {
  'element.entered': 'creationLog',
  'job.failed': 'failureLog',
  'element.completed': 'successLog',
  'element.cancelled': 'deletionLog',
};

async function jobLog(request: RestRequest) {
  const { query } = request;
  const known = ['jobId', 'activityIdIn', ...logParameters];
  const instance = await readDetails(request, instanceIdOf(query, known));
  const activities = listOf(query.activityIdIn);
  return (instance?.timeline ?? []).flatMap((entry) => {
    const isTimer = entry.kind === 'timer.fired';
    const kind = isTimer ? 'successLog' : kindOfEntry[entry.kind];
    if (!instance || !kind || !(isTimer || jobTypes.includes(entry.type))) return [];
    const { code, message } = told(entry);
    const row = {
      ...common(instance, entry),
      jobId: isTimer ? `${instance.id}:${entry.n}:${entry.element}` : `${instance.id}:${entry.n}`,
      jobDueDate: null,
      jobRetries: kind === 'failureLog' ? 0 : 1,
      jobPriority: 0,
      jobExceptionMessage: kind === 'failureLog' ? `${code}: ${message}` : null,
      failedActivityId: kind === 'failureLog' ? entry.element : null,
      jobDefinitionId: null,
      jobDefinitionType: isTimer ? 'timer-transition' : 'async-continuation',
      jobDefinitionConfiguration: null,
      deploymentId: definitionId(instance),
      hostname: null,
      batchId: null,
      ...logFlags(kind),
    };
    const isMeant =
      (query.jobId === undefined || row.jobId === query.jobId) &&
      (activities === undefined || activities.includes(row.activityId));
    return isMeant && isLogged(query, row) ? [row] : [];
  });
}

const logParameters = ['creationLog', 'failureLog', 'successLog', 'deletionLog'];

/** Of the flags that are asked for one must be that of the row. */
function isLogged(query: RestRequest['query'], row: Readonly<Record<LogKind, boolean>>): boolean {
  const asked = logParameters.filter((name) => isTrue(query[name]));
  return asked.length === 0 || asked.some((name) => row[name as LogKind]);
}

async function externalTaskLog(request: RestRequest) {
  const { query } = request;
  const known = ['externalTaskId', 'activityIdIn', 'workerId', ...logParameters];
  const instance = await readDetails(request, instanceIdOf(query, known));
  const activities = listOf(query.activityIdIn);
  return (instance?.timeline ?? []).flatMap((entry) => {
    const kind = kindOfEntry[entry.kind];
    if (!instance || !kind || entry.type !== 'externalTask') return [];
    const { by, message, retries } = told(entry);
    const end = instance.timeline.find(
      (one) => one.kind === 'external.completed' && one.n === entry.n,
    );
    const worker = kind === 'successLog' && end ? told(end).by : by;
    const row = {
      ...common(instance, entry),
      externalTaskId: `${instance.id}:${entry.n}`,
      activityInstanceId: activityInstanceId(entry),
      topicName: null,
      workerId: worker ?? null,
      priority: 0,
      retries: retries ?? null,
      errorMessage: kind === 'failureLog' ? (message ?? null) : null,
      ...logFlags(kind),
    };
    const isMeant =
      (query.externalTaskId === undefined || row.externalTaskId === query.externalTaskId) &&
      (query.workerId === undefined || row.workerId === query.workerId) &&
      (activities === undefined || activities.includes(row.activityId));
    return isMeant && isLogged(query, row) ? [row] : [];
  });
}

type JobLog = Awaited<ReturnType<typeof jobLog>>[number];
type ExternalLog = Awaited<ReturnType<typeof externalTaskLog>>[number];

/** Operations over what became of jobs and of work outside. */
export const historyLogOperations: readonly Operation[] = [
  ...listAndCount<JobLog>({
    path: '/history/job-log',
    procedures: ['processes.get'],
    note: 'Needs `processInstanceId`; steps, each with its failed attempts, and timers that fired.',
    rows: jobLog,
    sort: { timestamp: ({ timestamp }) => timestamp, jobId: ({ jobId }) => jobId },
  }),
  ...listAndCount<ExternalLog>({
    path: '/history/external-task-log',
    procedures: ['processes.get'],
    note: 'Needs `processInstanceId`. Topics are not kept.',
    rows: externalTaskLog,
    sort: {
      timestamp: ({ timestamp }) => timestamp,
      externalTaskId: ({ externalTaskId }) => externalTaskId,
    },
  }),
];
