/** Operations over versions of processes: looking at them, counting, starting. */
import { type DefinitionKey, definitionId, definitionKeyOf } from '../definition-ids.ts';
import { like } from '../like.ts';
import {
  isTrue,
  listOf,
  type Operation,
  onlyKnown,
  optionalNumber,
  optionalText,
  type RestAnswer,
  type RestRequest,
} from '../operation.ts';
import { countKept, pageParameters, readRows } from '../pages.ts';
import { missing, unsupported } from '../rest-error.ts';
import { plainValues, typedValues } from '../typed-values.ts';
import { type Definition, definitionView } from './definition-view.ts';
import { type Instance, instanceView } from './instance-view.ts';

interface Counts extends DefinitionKey {
  readonly name: string;
  readonly running: number;
  readonly waiting: number;
  readonly suspended: number;
  readonly incidents: number;
  readonly retrying: number;
  readonly elements: readonly {
    readonly element: string;
    readonly tokens: number;
    readonly incidents: number;
    readonly retrying: number;
  }[];
}

const listParameters = [
  ...pageParameters,
  ...['processDefinitionId', 'processDefinitionIdIn', 'key', 'keysIn', 'keyLike', 'name'],
  ...['nameLike', 'version', 'latestVersion', 'deploymentId', 'active', 'suspended'],
];

/** Which versions the query asks for. */
async function keeps({ query, engine }: RestRequest): Promise<(one: Definition) => boolean> {
  onlyKnown(query, listParameters);
  const { key, keyLike, name, nameLike, version } = query;
  const ids = listOf(query.processDefinitionIdIn) ?? listOf(query.processDefinitionId);
  const keys = listOf(query.keysIn);
  return (one) =>
    (ids === undefined || ids.includes(definitionId(one))) &&
    (query.deploymentId === undefined ||
      (one.source === 'drawing' && definitionId(one) === query.deploymentId)) &&
    (key === undefined || one.process === key) &&
    (keys === undefined || keys.includes(one.process)) &&
    (keyLike === undefined || like(keyLike, one.process)) &&
    (name === undefined || one.name === name) &&
    (nameLike === undefined || like(nameLike, one.name)) &&
    (version === undefined || one.version === Number(version)) &&
    (!isTrue(query.latestVersion) || engine.model(one.process)?.version === one.version) &&
    // Instances are suspended here, never definitions.
    !isTrue(query.suspended);
}

const sort = {
  id: definitionId,
  key: ({ process }: Definition) => process,
  name: ({ name }: Definition) => name,
  version: ({ version }: Definition) => version,
  deploymentId: definitionId,
  deployTime: ({ deployedAt }: Definition) => deployedAt,
};

/** The version that a path names, by id or as the newest of a key. */
async function keyOf({ params, engine }: RestRequest): Promise<DefinitionKey> {
  if (params.id !== undefined) return definitionKeyOf(params.id);
  const process = params.key ?? '';
  // What was deployed a moment ago may not have been read here yet.
  if (!engine.model(process)) await engine.drawings.look();
  const version = engine.model(process)?.version;
  if (version !== undefined) return { process, version };
  throw missing(`No matching process definition with key: ${process} and no tenant-id`);
}

async function show(request: RestRequest): Promise<RestAnswer> {
  const { process, version } = await keyOf(request);
  const [found] = await readRows<Definition>(
    { ...request, query: {} },
    'process-definitions.list',
    {},
    { keep: (one) => one.process === process && one.version === version },
  );
  if (found) return { json: definitionView(found) };
  throw missing(`No matching definition with id ${process}:${version}`);
}

async function showDiagram(request: RestRequest): Promise<RestAnswer> {
  const key = await keyOf(request);
  const input = { ...key, statistics: false };
  const text = await request.run<string>('process-definitions.diagram', input);
  return { text, type: 'image/svg+xml' };
}

async function showXml(request: RestRequest): Promise<RestAnswer> {
  const key = await keyOf(request);
  const { xml } = await request.run<{ xml: string }>('process-definitions.bpmn', key);
  return { json: { id: definitionId(key), bpmn20Xml: xml } };
}

async function start(request: RestRequest): Promise<RestAnswer> {
  const { body } = request;
  if (Array.isArray(body.startInstructions) && body.startInstructions.length > 0) {
    throw unsupported('startInstructions', 'start the process at its start event');
  }
  const { id, key = '' } = request.params;
  const businessKey = optionalText(body, 'businessKey');
  const { instanceId } = await request.run<{ instanceId: string }>('processes.start', {
    // Another node may know a newer version, so the newest is found by who starts it.
    ...(id === undefined ? { process: key } : definitionKeyOf(id)),
    input: plainValues(body.variables),
    ...(businessKey === undefined ? {} : { businessKey }),
  });
  const instance = await request.run<Instance & { variables: Record<string, unknown> }>(
    'processes.get',
    { instanceId },
  );
  const href = `${request.baseUrl}/process-instance/${instanceId}`;
  return {
    json: {
      ...instanceView(instance),
      links: [{ method: 'GET', href, rel: 'self' }],
      ...(isTrue(body.withVariablesInReturn) ? { variables: typedValues(instance.variables) } : {}),
    },
  };
}

function incidentsOf(query: RestRequest['query'], incidents: number) {
  const isWanted = isTrue(query.incidents) || query.incidentsForType !== undefined;
  if (!isWanted || incidents === 0) return [];
  return [{ incidentType: 'failedJob', incidentCount: incidents }];
}

async function activityStatistics(request: RestRequest): Promise<RestAnswer> {
  const { versions } = await request.run<{ versions: Counts[] }>(
    'processes.statistics',
    await keyOf(request),
  );
  const elements = versions
    .flatMap((version) => version.elements)
    .filter(({ tokens, incidents, retrying }) => tokens + incidents + retrying > 0);
  return {
    json: elements.map(({ element, tokens, incidents, retrying }) => ({
      id: element,
      instances: tokens,
      failedJobs: incidents + retrying,
      incidents: incidentsOf(request.query, incidents),
    })),
  };
}

const byId = '/process-definition/{id}';
const byKey = '/process-definition/key/{key}';

/** The same operation by id and by key. */
function both(operation: Omit<Operation, 'path'> & { readonly path: string }): Operation[] {
  const { path } = operation;
  return [byId, byKey].map((base) => ({ ...operation, path: `${base}${path}` }));
}

/** Operations over versions of processes. */
export const processDefinitionOperations: readonly Operation[] = [
  {
    method: 'GET',
    path: '/process-definition',
    procedures: ['process-definitions.list'],
    async answer(request) {
      const keep = await keeps(request);
      const rows = await readRows<Definition>(
        request,
        'process-definitions.list',
        {},
        { keep, sort },
      );
      return { json: rows.map(definitionView) };
    },
  },
  {
    method: 'GET',
    path: '/process-definition/count',
    procedures: ['process-definitions.list'],
    async answer(request) {
      const keep = await keeps(request);
      return { json: await countKept(request, 'process-definitions.list', {}, keep) };
    },
  },
  {
    method: 'GET',
    path: '/process-definition/statistics',
    procedures: ['processes.statistics', 'process-definitions.list'],
    async answer(request) {
      const { versions } = await request.run<{ versions: Counts[] }>('processes.statistics', {});
      const definitions = await readRows<Definition>(
        { ...request, query: {} },
        'process-definitions.list',
        {},
      );
      const counted = new Map(versions.map((one) => [definitionId(one), one]));
      return {
        json: definitions.map((definition) => {
          const id = definitionId(definition);
          const counts = counted.get(id);
          const incidents = counts?.incidents ?? 0;
          return {
            id,
            instances: counts ? counts.running + counts.waiting + counts.suspended : 0,
            failedJobs: incidents + (counts?.retrying ?? 0),
            incidents: incidentsOf(request.query, incidents),
            definition: definitionView(definition),
          };
        }),
      };
    },
  },
  ...both({
    method: 'GET',
    path: '',
    procedures: ['process-definitions.list'],
    answer: show,
  }),
  ...both({
    method: 'GET',
    path: '/xml',
    procedures: ['process-definitions.bpmn'],
    answer: showXml,
  }),
  ...both({
    method: 'GET',
    path: '/diagram',
    procedures: ['process-definitions.diagram'],
    note: 'Always SVG, drawn from the BPMN.',
    answer: showDiagram,
  }),
  ...both({
    method: 'POST',
    path: '/start',
    procedures: ['processes.start', 'processes.get'],
    note: 'Variables become those of the process, or the members of `input` where a drawing reads that.',
    answer: start,
  }),
  ...both({
    method: 'GET',
    path: '/statistics',
    procedures: ['processes.statistics'],
    answer: activityStatistics,
  }),
];

/** The version of a query by id; nothing when absent. */
export function definitionFilter(query: RestRequest['query']) {
  const { processDefinitionId, processDefinitionKey } = query;
  const version = optionalNumber(query, 'processDefinitionVersion');
  return {
    ...(processDefinitionKey === undefined ? {} : { process: processDefinitionKey }),
    ...(version === undefined ? {} : { version }),
    ...(processDefinitionId === undefined ? {} : definitionKeyOf(processDefinitionId)),
  };
}
