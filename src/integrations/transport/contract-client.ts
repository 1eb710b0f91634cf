/**
 * A typed client of an outside system, made from its OpenAPI document: the types say what may be
 * asked, the transport carries it, and every answer is checked against the document before anybody
 * reads it. An answer that breaks the document is a `TerminalFault`, since asking again would not
 * mend it.
 */
import createClient, { type Client } from 'openapi-fetch';
import { TerminalFault } from '../../kernel/errors.ts';
import type { Contract } from '../openapi/document.ts';
import { type HttpTransportOptions, httpTransport } from './http-transport.ts';
import type { HttpSettings } from './settings.ts';

/** The typed calls, and the closing of their connections. */
export interface ContractClient<Paths extends object> {
  readonly api: Client<Paths>;
  close(): Promise<void>;
}

/** What every call carries besides its request. */
interface CarriedCall {
  readonly idempotencyKey: string;
  readonly signal: AbortSignal;
  readonly traceparent?: string;
}

/** Makes the client; `Paths` are the generated types of the same document. */
export function contractClient<Paths extends object>(
  options: HttpTransportOptions & { readonly contract: Contract; readonly settings: HttpSettings },
): ContractClient<Paths> {
  const { contract, settings, system, codePrefix } = options;
  const transport = httpTransport(options);
  const api = createClient<Paths>({
    baseUrl: settings.baseUrl,
    fetch: transport.fetch,
    headers: { authorization: `Bearer ${settings.apiKey}` },
  });
  const operations = new Map(
    contract.operations.map((operation) => [`${operation.method} ${operation.path}`, operation]),
  );
  api.use({
    async onResponse({ request, response, schemaPath }) {
      const text = await response.clone().text();
      const issues =
        operations
          .get(`${request.method} ${schemaPath}`)
          ?.checkResponse(response.status, parsed(text)) ?? [];
      const [issue] = issues;
      if (!issue) return;
      throw new TerminalFault(
        `${codePrefix}_CONTRACT_BROKEN`,
        `the answer ${response.status} of ${system} to ${request.method} ${schemaPath} breaks its OpenAPI ` +
          `document at ${issue.pointer}: expected ${issue.expected}, found ${issue.found}; ` +
          'check that the configured address speaks this interface',
      );
    },
  });
  return { api, close: transport.close };
}

/** Headers and signal of one call to the outside. */
export function callOptions(call: CarriedCall): {
  signal: AbortSignal;
  headers: Record<string, string>;
} {
  return {
    signal: call.signal,
    headers: call.traceparent === undefined ? {} : { traceparent: call.traceparent },
  };
}

/** What is no JSON is given on as it is, and will not fit the document. */
function parsed(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return text;
  }
}
