/**
 * The command line's way to a running program: its HTTP API. What an answer looks like is known from
 * the schemas that the API itself answers by, so the two cannot drift apart. Failures come as errors
 * whose message is for the person at the terminal.
 */
import type { z } from 'zod';
import type { clusterSchema } from '../engine/procedures/cluster-procedures.ts';
import type { incidentGroupSchema } from '../engine/procedures/incident-groups.ts';
import type { incidentSchema } from '../engine/procedures/incident-procedures.ts';
import type {
  activeElementSchema,
  instanceRowSchema,
  suspensionSchema,
  timelineEntrySchema,
} from '../engine/procedures/instance-view.ts';
import type { taskSchema } from '../engine/procedures/task-procedures.ts';
import type { topicDeadLetterSchema } from '../events/kafka/procedures.ts';
import type { eventSchema } from '../events/procedures/event-procedures.ts';
import type { Page } from '../kernel/page.ts';
import type { orderSchema } from '../modules/orders/index.ts';
import type { traceEventSchema } from '../modules/trace-events/trace-event.ts';
import { type StreamedEvent, serverSentEvents } from './server-sent-events.ts';

/** An order as the API answers it. */
export type OrderAnswer = z.output<typeof orderSchema> & {
  readonly can: readonly { readonly action: string; readonly allowed: boolean }[];
};
/** A task as the API answers it. */
export type TaskAnswer = z.output<typeof taskSchema>;
/** An incident as the API answers it. */
export type IncidentAnswer = z.output<typeof incidentSchema>;
/** Incidents of one cause as the API answers them. */
export type IncidentGroupAnswer = z.output<typeof incidentGroupSchema>;
/** A process instance in a list. */
export type InstanceRow = z.output<typeof instanceRowSchema>;
/** One process instance with its timeline. */
export interface InstanceAnswer extends InstanceRow {
  readonly name: string;
  readonly suspended: z.output<typeof suspensionSchema> | null;
  readonly elements: readonly z.output<typeof activeElementSchema>[];
  readonly variables: Readonly<Record<string, unknown>>;
  readonly timeline: readonly z.output<typeof timelineEntrySchema>[];
  readonly lastSeq: number;
}
/** The nodes and the lag as the API answers them. */
export type ClusterAnswer = z.output<typeof clusterSchema>;
/** A trace event as the API answers it. */
export type TraceEventAnswer = z.output<typeof traceEventSchema>;

/** An event of the log in a list. */
export type EventAnswer = z.output<typeof eventSchema>;

/** A dead letter of a Kafka topic. */
export type TopicDeadLetterAnswer = z.output<typeof topicDeadLetterSchema>;

/** One page of a list. */
export type PageAnswer<Item> = Page<Item>;

/** Values of a query; absent ones are left out. */
export type Query = Readonly<Record<string, string | number | undefined>>;

/** Something the user must know or do; printed without a stack. */
export class CommandError extends Error {
  override readonly name: string = 'CommandError';
}

/** The API said no. The message is the problem as sentences, with its code. */
export class ApiProblem extends CommandError {
  override readonly name = 'ApiProblem';
  readonly status: number;
  readonly code: string;

  constructor(problem: ProblemAnswer, status: number) {
    const { title, detail, code, traceId, errors = [] } = problem;
    const what = title?.replace(/\.$/, '') ?? `The server answered with status ${status}`;
    const fields = errors.map(({ pointer, message }) => `\n  ${pointer || '/'}: ${message}`);
    const trace = status >= 500 && traceId ? `\n  Trace id: ${traceId}` : '';
    const token = code === 'UNAUTHENTICATED' ? '\n  Put the token into ORDERLOOM_TOKEN.' : '';
    super(
      `${[what, detail].filter(Boolean).join(': ')} (${code ?? status})${fields.join('')}${trace}${token}`,
    );
    this.status = status;
    this.code = code ?? String(status);
  }
}

interface ProblemAnswer {
  readonly title?: string;
  readonly detail?: string;
  readonly code?: string;
  readonly traceId?: string;
  readonly errors?: readonly { readonly pointer: string; readonly message: string }[];
}

/** Calls the API of one running program. */
export interface ApiClient {
  /** Where the program answers, without a slash at the end. */
  readonly url: string;
  /** `path` is below `/api/v1`. */
  get<Answer>(path: string, query?: Query): Promise<Answer>;
  /** What is no JSON, such as a picture, as it is. */
  getText(path: string, query?: Query): Promise<string>;
  post<Answer>(path: string, body: unknown): Promise<Answer>;
  patch<Answer>(path: string, body: unknown): Promise<Answer>;
  delete<Answer>(path: string): Promise<Answer>;
  /** Follows a stream of server-sent events until it ends; `data` is parsed JSON. */
  follow(path: string, query?: Query): AsyncIterable<StreamedEvent>;
  /** Delivers an unsigned webhook, which a program in demo mode takes. */
  webhook(name: string, body: unknown): Promise<void>;
}

/** Longer than any procedure may take. */
const longestCallMs = 60_000;

/** Makes a client. Nothing is sent before the first call. */
export function apiClient(options: { readonly url: string; readonly token?: string }): ApiClient {
  const { url, token } = options;

  async function call<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await send(url, path, {
      method,
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(longestCallMs),
    });
    const answer = await readJson(response, url);
    if (!response.ok) throw new ApiProblem(answer as ProblemAnswer, response.status);
    return answer as Answer;
  }

  async function getText(path: string, query: Query = {}): Promise<string> {
    const response = await send(url, `/api/v1${path}${queryText(query)}`, {
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(longestCallMs),
    });
    if (response.ok) return await response.text();
    throw new ApiProblem((await readJson(response, url)) as ProblemAnswer, response.status);
  }

  async function* follow(path: string, query: Query = {}): AsyncGenerator<StreamedEvent> {
    const response = await send(url, `/api/v1${path}${queryText(query)}`, {
      headers: {
        accept: 'text/event-stream',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
    });
    if (!response.ok || !response.body) {
      throw new ApiProblem((await readJson(response, url)) as ProblemAnswer, response.status);
    }
    yield* serverSentEvents(response.body);
  }

  return {
    url,
    follow,
    getText,
    get: (path, query = {}) => call('GET', `/api/v1${path}${queryText(query)}`),
    post: (path, body) => call('POST', `/api/v1${path}`, body),
    patch: (path, body) => call('PATCH', `/api/v1${path}`, body),
    delete: (path) => call('DELETE', `/api/v1${path}`),
    webhook: (name, body) => call('POST', `/webhooks/${name}`, body),
  };
}

async function send(url: string, path: string, request: RequestInit): Promise<Response> {
  try {
    return await fetch(`${url}${path}`, request);
  } catch (error) {
    throw unreachable(url, error);
  }
}

function unreachable(url: string, error: unknown): CommandError {
  if (error instanceof Error && error.name === 'TimeoutError') {
    return new CommandError(`Nothing came back from ${url} within ${longestCallMs / 1000} s.`);
  }
  const cause =
    error instanceof Error ? (error.cause as NodeJS.ErrnoException | undefined) : undefined;
  const found = cause?.code ?? cause?.message ?? String(error);
  return new CommandError(
    `No Orderloom answers at ${url} (${found}). Start one with \`npm start\` in another terminal, ` +
      'or say where it is with --url or ORDERLOOM_URL.',
  );
}

async function readJson(response: Response, url: string): Promise<unknown> {
  const text = await response.text();
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    throw new CommandError(
      `Expected JSON from ${url}, found ${response.headers.get('content-type') ?? 'something else'} ` +
        `(status ${response.status}). Is it really Orderloom that answers there?`,
    );
  }
}

function queryText(query: Query): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  if (given.length === 0) return '';
  return `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`;
}

/** Where the program is, by `--url`, `ORDERLOOM_URL` or the port of this machine's own. */
export function serverUrl(option: string | undefined, env: NodeJS.ProcessEnv): string {
  const chosen = option ?? (env.ORDERLOOM_URL || `http://localhost:${env.PORT || 3001}`);
  if (!URL.canParse(chosen) || !/^https?:$/.test(new URL(chosen).protocol)) {
    throw new CommandError(`Expected a URL such as http://localhost:3001, found "${chosen}".`);
  }
  return chosen.replace(/\/+$/, '');
}
