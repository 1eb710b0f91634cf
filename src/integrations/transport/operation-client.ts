/**
 * Calls of an outside system by the names of its operations: the document says where each goes, the
 * types say what it takes and gives, the transport carries it. Every answer is checked against the
 * document before anybody reads it; one that breaks it is a `TerminalFault`. A port over such a system is
 * one line for each of its methods.
 */
import type { z } from 'zod';
import { TerminalFault } from '../../kernel/errors.ts';
import type { Contract, ContractOperation } from '../openapi/document.ts';
import { type HttpTransportOptions, httpTransport } from './http-transport.ts';
import { type HttpSettings, httpSettings } from './settings.ts';

/** What every call carries besides its request. */
export interface OutsideCall {
  /** The same on every attempt of one piece of work. */
  readonly idempotencyKey: string;
  readonly signal: AbortSignal;
  readonly traceparent: string;
}

type Json<T> = T extends { content: { 'application/json': infer Body } } ? Body : never;

/** What an operation gives when it succeeds; null where its document gives nothing. */
export type OperationValue<Operation> = Operation extends { responses: infer Responses }
  ? ValueOf<Json<Responses[keyof Responses & (200 | 201)]>>
  : never;
type ValueOf<Body> = [Body] extends [never] ? null : Body;

/** The work that was done, or the system's no with its own code. */
export type OperationOutcome<Value> =
  | { readonly status: 'done'; readonly value: Value }
  | { readonly status: 'refused'; readonly code: string; readonly message: string };

/** The parts of an operation's request that its document asks for. */
export type OperationRequest<Operation> = (Operation extends {
  parameters: { path: infer Path extends object };
}
  ? { readonly path: Path }
  : unknown) &
  (Operation extends { parameters: { query: infer Query extends object } }
    ? { readonly query: Query }
    : unknown) &
  (Operation extends { requestBody: infer Body } ? { readonly body: Json<Body> } : unknown);

/** The operations of one system, and the closing of its connections. Faults are thrown. */
export interface OperationClient<Operations> {
  /** What is looked up; null when it is not there. */
  find<Id extends keyof Operations & string>(
    id: Id,
    request: OperationRequest<Operations[Id]>,
    call: OutsideCall,
  ): Promise<OperationValue<Operations[Id]> | null>;
  /** Has something done. */
  act<Id extends keyof Operations & string>(
    id: Id,
    request: OperationRequest<Operations[Id]>,
    call: OutsideCall,
  ): Promise<OperationOutcome<OperationValue<Operations[Id]>>>;
  /** Has something undone; done with null where there is nothing to undo. */
  undo<Id extends keyof Operations & string>(
    id: Id,
    request: OperationRequest<Operations[Id]>,
    call: OutsideCall,
  ): Promise<OperationOutcome<OperationValue<Operations[Id]> | null>>;
  close(): Promise<void>;
}

/** What a client is made with, whatever its system. Settings that do not fit are thrown as a `ZodError`. */
export type OperationClientOptions = Pick<HttpTransportOptions, 'log' | 'observer' | 'random'> & {
  readonly settings: z.input<typeof httpSettings>;
};

interface PlainRequest {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
}

/** Makes the client. `Operations` are the generated types of the same document. */
export function operationClient<Operations>(
  options: OperationClientOptions & {
    readonly contract: () => Contract;
    readonly system: string;
    readonly codePrefix: string;
  },
): OperationClient<Operations> {
  const { system, codePrefix } = options;
  const settings = httpSettings.parse(options.settings);
  // A request that the system cannot use is an answer here: its code says what the caller does next.
  const transport = httpTransport({
    ...options,
    settings,
    isRefusal: async ({ status }) => status === 400,
  });
  let known: ReadonlyMap<string, ContractOperation> | undefined;
  const operationOf = (id: string) => {
    // Read at the first call: a program that never calls the system need not read its document.
    known ??= new Map(options.contract().operations.map((one) => [one.operationId, one]));
    return known.get(id);
  };

  async function send(id: string, request: PlainRequest, call: OutsideCall) {
    const operation = operationOf(id);
    if (!operation) throw new TerminalFault(`${codePrefix}_NO_OPERATION`, `${system} has no ${id}`);
    const answer = await transport.fetch(requestOf(settings, operation, request, call), {
      repeatable: true,
    });
    const text = await answer.text();
    const body = parsed(text);
    const [issue] = operation.checkResponse(answer.status, body);
    if (!issue) return { status: answer.status, body };
    throw new TerminalFault(
      `${codePrefix}_CONTRACT_BROKEN`,
      `the answer ${answer.status} of ${system} to ${id} breaks its OpenAPI document at ${issue.pointer}: ` +
        `expected ${issue.expected}, found ${issue.found}; check that the configured address speaks this interface`,
    );
  }
  async function act(id: string, request: PlainRequest, call: OutsideCall) {
    const { status, body } = await send(id, request, call);
    if (status < 300) return { status: 'done' as const, value: body ?? null };
    const { code, message } = body as { code: string; message: string };
    return { status: 'refused' as const, code, message, isMissing: status === 404 };
  }

  async function undo(id: string, request: PlainRequest, call: OutsideCall) {
    const outcome = await act(id, request, call);
    const isMissing = outcome.status === 'refused' && outcome.isMissing;
    return isMissing ? { status: 'done' as const, value: null } : outcome;
  }

  async function find(id: string, request: PlainRequest, call: OutsideCall) {
    const outcome = await undo(id, request, call);
    if (outcome.status === 'done') return outcome.value;
    throw new TerminalFault(
      `${codePrefix}_REQUEST_REFUSED`,
      `${system} refused ${id}: ${outcome.code} ${outcome.message}`,
    );
  }

  // The document, not the compiler, has checked what comes back.
  return { find, act, undo, close: transport.close } as OperationClient<Operations>;
}

function requestOf(
  { baseUrl, apiKey }: HttpSettings,
  { method, path }: ContractOperation,
  { path: parts = {}, query = {}, body }: PlainRequest,
  { idempotencyKey, signal, traceparent }: OutsideCall,
): Request {
  const [, traceId = '', spanId = ''] = traceparent.split('-');
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(parts[name] ?? ''),
  );
  const url = new URL(baseUrl.replace(/\/$/, '') + filled);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  return new Request(url, {
    method,
    signal,
    headers: {
      authorization: `Bearer ${apiKey}`,
      traceparent,
      // As systems that do not read W3C's header know it.
      ...{ 'x-trace-id': traceId, 'x-span-id': spanId },
      ...(method === 'GET' ? {} : { 'idempotency-key': idempotencyKey }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

/** What is no JSON is given on as it is, and will not fit the document. */
function parsed(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return text;
  }
}
