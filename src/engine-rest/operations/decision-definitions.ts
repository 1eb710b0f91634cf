/** Operations over decisions: looking at their versions, and evaluating them. */
import { type DefinitionKey, definitionId, definitionKeyOf } from '../definition-ids.ts';
import {
  isTrue,
  listOf,
  type Operation,
  onlyKnown,
  type RestAnswer,
  type RestRequest,
} from '../operation.ts';
import { countKept, pageParameters, readRows } from '../pages.ts';
import { missing } from '../rest-error.ts';
import { plainValues, typedValues } from '../typed-values.ts';

/** A row of `decisions.list`. */
export interface Decision {
  readonly decision: string;
  readonly version: number;
  readonly name: string;
  readonly file: string;
  readonly deployedAt: string;
}

const keyOf = ({ decision, version }: Decision): DefinitionKey => ({ process: decision, version });

/** A version of a decision for the client. */
export function decisionView(decision: Decision) {
  const id = definitionId(keyOf(decision));
  return {
    id,
    key: decision.decision,
    category: null,
    name: decision.name,
    version: decision.version,
    resource: decision.file,
    deploymentId: id,
    tenantId: null,
    decisionRequirementsDefinitionId: null,
    decisionRequirementsDefinitionKey: null,
    historyTimeToLive: null,
    versionTag: null,
  };
}

async function filterOf(request: RestRequest) {
  const { query } = request;
  onlyKnown(query, [
    ...pageParameters,
    ...['decisionDefinitionId', 'decisionDefinitionIdIn', 'key', 'name', 'version'],
    'latestVersion',
  ]);
  const { key, name, version } = query;
  const ids = listOf(query.decisionDefinitionIdIn) ?? listOf(query.decisionDefinitionId);
  const newest = isTrue(query.latestVersion) ? await newestOf(request, key) : null;
  return {
    input: key === undefined ? {} : { decision: key },
    keep: (one: Decision) =>
      (ids === undefined || ids.includes(definitionId(keyOf(one)))) &&
      (name === undefined || one.name === name) &&
      (version === undefined || one.version === Number(version)) &&
      (newest === null || newest.get(one.decision) === one.version),
  };
}

/** The newest version of each decision. */
async function newestOf(request: RestRequest, key?: string): Promise<Map<string, number>> {
  const input = key === undefined ? {} : { decision: key };
  const rows = await readRows<Decision>({ ...request, query: {} }, 'decisions.list', input);
  // They come in the order of their versions.
  return new Map(rows.map(({ decision, version }) => [decision, version]));
}

/** The version that a path names, by id or as the newest of a key. */
async function find(request: RestRequest): Promise<Decision> {
  const { id, key = '' } = request.params;
  const wanted = id === undefined ? null : definitionKeyOf(id);
  const rows = await readRows<Decision>({ ...request, query: {} }, 'decisions.list', {
    decision: wanted?.process ?? key,
  });
  const found = rows.filter(({ version }) => wanted === null || version === wanted.version).at(-1);
  if (found) return found;
  throw missing(
    `no deployed decision definition found with ${id === undefined ? `key '${key}'` : `id '${id}'`}`,
  );
}

async function evaluate(request: RestRequest): Promise<RestAnswer> {
  const { id, key = '' } = request.params;
  const { process: decision, version } = id === undefined ? { process: key } : definitionKeyOf(id);
  const { rows } = await request.run<{ rows: Record<string, unknown>[] }>('decisions.evaluate', {
    ...{ decision, variables: plainValues(request.body.variables) },
    ...(version === undefined ? {} : { version }),
  });
  return { json: rows.map(typedValues) };
}

const base = '/decision-definition';
const both = (operation: Operation): Operation[] =>
  ['{id}', 'key/{key}'].map((which) => ({
    ...operation,
    path: `${base}/${which}${operation.path}`,
  }));

/** Operations over decisions. */
export const decisionDefinitionOperations: readonly Operation[] = [
  {
    method: 'GET',
    path: base,
    procedures: ['decisions.list'],
    async answer(request) {
      const { input, keep } = await filterOf(request);
      const sort = {
        id: (one: Decision) => definitionId(keyOf(one)),
        key: ({ decision }: Decision) => decision,
        name: ({ name }: Decision) => name,
        version: ({ version }: Decision) => version,
      };
      const rows = await readRows<Decision>(request, 'decisions.list', input, { keep, sort });
      return { json: rows.map(decisionView) };
    },
  },
  {
    method: 'GET',
    path: `${base}/count`,
    procedures: ['decisions.list'],
    async answer(request) {
      const { input, keep } = await filterOf(request);
      return { json: await countKept(request, 'decisions.list', input, keep) };
    },
  },
  ...both({
    method: 'GET',
    path: '',
    procedures: ['decisions.list'],
    async answer(request) {
      return { json: decisionView(await find(request)) };
    },
  }),
  ...both({
    method: 'GET',
    path: '/xml',
    procedures: ['decisions.dmn', 'decisions.list'],
    async answer(request) {
      const { decision, version } = await find(request);
      const { xml } = await request.run<{ xml: string }>('decisions.dmn', { decision, version });
      return { json: { id: definitionId({ process: decision, version }), dmnXml: xml } };
    },
  }),
  ...both({
    method: 'POST',
    path: '/evaluate',
    procedures: ['decisions.evaluate'],
    answer: evaluate,
  }),
];
