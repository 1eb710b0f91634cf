/** Makes the HTTP request of a remote call. Pure: the same call is the same request, text for text. */
import type { RemoteRequest } from './service.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The request of one call. Fields without a value are not sent. */
export function remoteRequest(call: {
  /** Address and base path, without a slash at the end. */
  readonly base: string;
  readonly request: RemoteRequest;
  readonly input: Fields;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}): Request {
  const { base, request, input, signal } = call;
  const { path: inPath = [], query = [], headers: inHeaders = {}, body: place } = request.placement;
  const path = request.path.replace(/\{([^}]+)\}/g, (_, name: string) =>
    encodeURIComponent(String(input[name])),
  );
  const url = new URL(`${base}${path}`);
  for (const name of query) {
    for (const value of [input[name]].flat()) {
      if (value !== undefined && value !== null) url.searchParams.append(name, String(value));
    }
  }
  const headers = new Headers(call.headers);
  for (const [field, header] of Object.entries(inHeaders)) {
    const value = input[field];
    if (value !== undefined && value !== null) headers.set(header, String(value));
  }
  headers.set('accept', 'application/json, application/problem+json');
  const placed = new Set([...inPath, ...query, ...Object.keys(inHeaders)]);
  const rest = () =>
    Object.fromEntries(Object.entries(input).filter(([name]) => !placed.has(name)));
  const body = place === 'rest' ? rest() : place === 'field' ? input.body : undefined;
  if (body !== undefined) headers.set('content-type', 'application/json');
  return new Request(url, {
    method: request.method,
    headers,
    signal,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}
