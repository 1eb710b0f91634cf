/**
 * Tenants of Camunda 7, of which there are none here: what belongs to no tenant is everything, and a list of what
 * belongs to some is empty.
 */
import type { Operation, RestAnswer, RestRequest } from './operation.ts';

const ofNone = ['withoutTenantId', 'tenantIdsNotIn'];
const ofSome = ['tenantIdIn', 'tenantIds'];

type Given = Readonly<Record<string, unknown>>;

/** The request without what is true of everything here. */
export function withoutTenants(request: RestRequest): RestRequest {
  return { ...request, query: without(request.query), body: without(request.body) };
}

function without<Of extends Given>(given: Of): Of {
  if (!ofNone.some((name) => name in given)) return given;
  return Object.fromEntries(
    Object.entries(given).filter(([name]) => !ofNone.includes(name)),
  ) as unknown as Of;
}

/** The answer of a list of which only what belongs to some tenants is asked for; null for any other request. */
export function answerForTenants(
  { path }: Operation,
  lists: ReadonlySet<string>,
  { query, body }: RestRequest,
): RestAnswer | null {
  if (!lists.has(path)) return null;
  const asks = (given: Given) => ofSome.some((name) => isNamed(given[name]));
  if (!asks(query) && !asks(body)) return null;
  return { json: path.endsWith('/count') ? { count: 0 } : [] };
}

function isNamed(value: unknown): boolean {
  return Array.isArray(value)
    ? value.length > 0
    : value !== undefined && value !== null && value !== '';
}

/** The paths of lists and of their counts: those that are asked for by a query and name nothing. */
export function listPaths(operations: readonly Operation[]): ReadonlySet<string> {
  return new Set(
    operations
      .filter(
        ({ method, path, procedures }) =>
          method === 'GET' && !path.includes('{') && procedures.length > 0,
      )
      .map(({ path }) => path),
  );
}
