/**
 * Connects a service that is known from its document: its procedures are then executed by HTTP. Every
 * attempt of a call carries the same idempotency key and the trace. Guarantees that a business no comes
 * back as the refusal that the document names, and that everything else that is no success is a fault:
 * retryable where another attempt may help, terminal where only a person can.
 */
import { z } from 'zod';
import {
  type FieldIssue,
  type Refusal,
  RetryableFault,
  refuse,
  TerminalFault,
} from '../../kernel/errors.ts';
import type { ExternalContext, ExternalProcedure, Log } from '../../kernel/procedure.ts';
import { formatTraceparent } from '../../kernel/tracing.ts';
import { type HttpTransport, httpTransport } from '../transport/http-transport.ts';
import type { OutsideCallObserver } from '../transport/observer.ts';
import { httpSettings } from '../transport/settings.ts';
import { remoteRequest } from './remote-request.ts';
import type { RemoteProcedure, RemoteService } from './service.ts';

/** Where the service is, and what it knows us by. */
export interface RemoteConnection {
  /** Without the base path, which the service's document says. */
  readonly url: string;
  /** Absent: calls carry no credentials. */
  readonly apiKey?: string | undefined;
  readonly log: Log;
  readonly observer?: OutsideCallObserver | undefined;
}

/** The procedures, ready to be executed. */
export interface ConnectedService {
  readonly procedures: readonly ExternalProcedure[];
  close(): Promise<void>;
}

/**
 * A service may itself wait ten seconds for an outside system; two attempts fit into the thirty seconds
 * that a step has.
 */
const attemptTimeoutMs = 12_000;
const callTimeoutMs = 25_000;
const attempts = 2;
const longestQuoted = 300;

/** The answer of a service that is still at work on a call with the same key. */
const inFlight = 'IDEMPOTENCY_IN_FLIGHT';

/** Makes the service's procedures callable here. Nothing is sent before the first call. */
export function connectService(
  service: RemoteService,
  connection: RemoteConnection,
): ConnectedService {
  const prefix = service.name.replaceAll('-', '_').toUpperCase();
  const settings = httpSettings.omit({ apiKey: true }).parse({
    baseUrl: connection.url,
    timeoutMs: attemptTimeoutMs,
    retry: { attempts },
  });
  const codes = new Set(service.procedures.flatMap(({ errors }) => errors.map(({ code }) => code)));
  const transport = httpTransport({
    settings,
    system: service.name,
    codePrefix: prefix,
    log: connection.log,
    observer: connection.observer,
    isRefusal: async (answer) => codes.has((await problemOf(answer)).code ?? ''),
  });
  const call: RemoteCall = { service, connection, transport, prefix };
  return {
    procedures: service.procedures.map((procedure) =>
      Object.freeze({
        ...procedure,
        timeoutMs: callTimeoutMs,
        limits: { system: service.name },
        execute: (context: ExternalContext, input: unknown) =>
          executeRemote(call, procedure, context, input),
      }),
    ),
    close: () => transport.close(),
  };
}

interface RemoteCall {
  readonly service: RemoteService;
  readonly connection: RemoteConnection;
  readonly transport: HttpTransport;
  readonly prefix: string;
}

async function executeRemote(
  { service, connection, transport, prefix }: RemoteCall,
  procedure: RemoteProcedure,
  context: ExternalContext,
  input: unknown,
): Promise<unknown> {
  const { credential, basePath } = service;
  const { repeatable } = procedure.request;
  const request = remoteRequest({
    base: `${connection.url.replace(/\/+$/, '')}${basePath}`,
    request: procedure.request,
    input: input as Readonly<Record<string, unknown>>,
    signal: context.signal,
    headers: {
      'idempotency-key': context.idempotencyKey,
      traceparent: formatTraceparent(context.trace),
      ...(credential && connection.apiKey !== undefined
        ? { [credential.header]: `${credential.prefix}${connection.apiKey}` }
        : {}),
    },
  });
  try {
    const answer = await transport.fetch(request, { repeatable });
    return await readAnswer(answer, procedure, prefix);
  } catch (error) {
    const doubtful = error instanceof RetryableFault && error.outcomeUnknown && !repeatable;
    if (!doubtful) throw error;
    throw new TerminalFault(
      `${prefix}_OUTCOME_UNKNOWN`,
      `${procedure.name} may have been carried out, and the service does not promise that a repeat acts ` +
        `once (${error.message}); look there, then skip the step or retry it`,
      { cause: error },
    );
  }
}

async function readAnswer(
  answer: Response,
  procedure: RemoteProcedure,
  prefix: string,
): Promise<unknown> {
  if (!answer.ok) return refusalOf(answer, procedure, prefix);
  const text = await answer.text();
  const body = parseJson(text);
  const read = procedure.output.safeParse(body);
  if (read.success) return body;
  // Nothing in the body although the document says so: a 204 in another guise.
  if (body === null && procedure.output.safeParse(undefined).success) return undefined;
  const problems = read.error.issues.map(({ path, message }) => `/${path.join('/')}: ${message}`);
  throw new TerminalFault(
    `${prefix}_CONTRACT_BROKEN`,
    `the answer ${answer.status} to ${procedure.name} does not fit the document that is kept of the ` +
      `service: ${problems.join('; ')}; run \`orderloom integrate --check\``,
  );
}

const problemSchema = z.looseObject({
  code: z.string().optional().catch(undefined),
  detail: z.string().optional().catch(undefined),
  title: z.string().optional().catch(undefined),
  errors: z
    .array(
      z.object({
        pointer: z.string(),
        expected: z.string(),
        found: z.string(),
        message: z.string(),
      }),
    )
    .optional()
    .catch(undefined),
});

async function problemOf(answer: Response): Promise<z.output<typeof problemSchema>> {
  const read = problemSchema.safeParse(parseJson(await answer.text()));
  return read.success ? read.data : {};
}

async function refusalOf(
  answer: Response,
  procedure: RemoteProcedure,
  prefix: string,
): Promise<Refusal> {
  const { status } = answer;
  const {
    code,
    detail,
    title,
    errors,
    type: _type,
    status: _status,
    traceId: _trace,
    ...data
  } = await problemOf(answer);
  if (code === inFlight) {
    throw new RetryableFault(
      `${prefix}_IN_FLIGHT`,
      `the service is still at work on ${procedure.name} with the same key`,
      { outcomeUnknown: true, retryAfterMs: 1_000 },
    );
  }
  const definition =
    procedure.errors.find((one) => one.code === code) ?? procedure.request.byStatus?.[status];
  const said = (detail ?? title ?? '').slice(0, 2_000);
  if (definition) {
    const issues: readonly FieldIssue[] = errors ?? [];
    return refuse(definition, said || definition.title, { issues, data });
  }
  throw new TerminalFault(
    `${prefix}_REQUEST_REFUSED`,
    `${procedure.name} was answered ${status} ${code ?? ''}: ${said.slice(0, longestQuoted)}; this refusal ` +
      'does not stand in the document that is kept of the service',
  );
}

/** What is no JSON reads as null, and fits no schema of an object. */
function parseJson(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
