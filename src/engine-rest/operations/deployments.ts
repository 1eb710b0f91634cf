/**
 * Operations over deployments. Here each version of a process that was deployed as a drawing is a
 * deployment of its own, with the id of its definition; one request that deploys several gets the id of
 * the first.
 */
import { dateText } from '../dates.ts';
import { definitionId, definitionKeyOf } from '../definition-ids.ts';
import { type Operation, onlyKnown, type RestRequest } from '../operation.ts';
import { countKept, pageParameters, readRows } from '../pages.ts';
import { invalid, missing, RestError, unsupported } from '../rest-error.ts';
import { type Decision, decisionView } from './decision-definitions.ts';
import { type Definition, definitionView } from './definition-view.ts';

const deployable = /\.(bpmn|bpmn20\.xml|xml|dmn)$/i;
/** Says which procedures are meant by classes and beans. */
const delegatesFile = 'orderloom.delegates.json';
/** What the Modeler looks for, to show the text that follows. */
const parseError = 'ENGINE-09005 Could not parse BPMN process. Errors: ';
/** Fields of the form that say something about the deployment instead of being a file. */
const formFields = [
  ...['deployment-name', 'deployment-source', 'deployment-activation-time', 'tenant-id'],
  ...['enable-duplicate-filtering', 'deploy-changed-only'],
];

interface Deployed {
  readonly process: string;
  readonly version: number;
  readonly file: string;
}

interface DeployedDecision {
  readonly decision: string;
  readonly version: number;
}

const isDrawing = ({ source }: Definition) => source === 'drawing';

function keepOf({ query }: RestRequest) {
  onlyKnown(query, [...pageParameters, 'id', 'name']);
  return (one: Definition) =>
    isDrawing(one) &&
    (query.id === undefined || definitionId(one) === query.id) &&
    (query.name === undefined || one.file === query.name);
}

function view(definition: Definition) {
  return {
    links: [],
    id: definitionId(definition),
    name: definition.file,
    source: definition.deployedBy,
    deploymentTime: dateText(definition.deployedAt),
    tenantId: null,
  };
}

async function filesOf({ form }: RestRequest) {
  if (!form) {
    throw invalid('expected a body of type multipart/form-data with the files to deploy');
  }
  const tenant = form.get('tenant-id');
  if (typeof tenant === 'string' && tenant !== '') {
    throw invalid(`expected no tenant-id, since there are no tenants here; found "${tenant}"`);
  }
  if (form.has('deployment-activation-time')) {
    throw unsupported('deployment-activation-time', 'deploy when the time has come');
  }
  const files: { name: string; xml: string }[] = [];
  let delegates: unknown;
  for (const [field, value] of form.entries()) {
    if (typeof value === 'string') {
      if (formFields.includes(field)) continue;
      throw invalid(`expected "${field}" to be a file, found text`);
    }
    const name = value.name.split(/[\\/]/).at(-1) ?? value.name;
    if (name === delegatesFile) {
      delegates = parsedJson(name, await value.text());
      continue;
    }
    if (!deployable.test(name)) {
      throw invalid(
        `expected files that this engine deploys (.bpmn, .dmn), found "${value.name}"; forms and scripts ` +
          'stand in the drawing itself',
      );
    }
    files.push({ name, xml: await value.text() });
  }
  if (files.length === 0) throw invalid('No deployment resources contained in the form upload.');
  return { files, ...(delegates === undefined ? {} : { delegates }) };
}

function parsedJson(name: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw invalid(`expected "${name}" to be JSON, found text that is none`);
  }
}

async function deploy(request: RestRequest) {
  const given = await filesOf(request);
  let deployed: readonly Deployed[];
  let decided: readonly DeployedDecision[];
  try {
    ({ deployed, decisions: decided } = await request.run<{
      deployed: Deployed[];
      decisions: DeployedDecision[];
    }>('deployments.create', given));
  } catch (error) {
    if (!(error instanceof RestError) || !/DRAWING_INVALID|DECISION/.test(error.message))
      throw error;
    throw new RestError(400, 'ParseException', `${parseError}${error.message}`);
  }
  // So that whoever deployed it finds it here at once; other nodes read it a moment later.
  await request.engine.drawings.look();
  const definitions = await readRows<Definition>(
    { ...request, query: {} },
    'process-definitions.list',
    {},
    {
      keep: ({ process, version }) =>
        deployed.some((one) => one.process === process && one.version === version),
    },
  );
  const decisions = await readDecisions(request, decided);
  const name = request.form?.get('deployment-name');
  const source = request.form?.get('deployment-source');
  const [first] = [
    ...definitions.map((one) => ({ id: definitionId(one), deployedAt: one.deployedAt })),
    ...decisions.map((one) => ({ id: decisionView(one).id, deployedAt: one.deployedAt })),
  ];
  const id = first?.id ?? '';
  return {
    json: {
      links: [{ method: 'GET', href: `${request.baseUrl}/deployment/${id}`, rel: 'self' }],
      id,
      name: typeof name === 'string' ? name : null,
      source: typeof source === 'string' ? source : null,
      deploymentTime: dateText(first?.deployedAt ?? null),
      tenantId: null,
      deployedProcessDefinitions:
        definitions.length === 0
          ? null
          : Object.fromEntries(definitions.map((one) => [definitionId(one), definitionView(one)])),
      deployedCaseDefinitions: null,
      deployedDecisionDefinitions:
        decisions.length === 0
          ? null
          : Object.fromEntries(decisions.map(decisionView).map((one) => [one.id, one])),
      deployedDecisionRequirementsDefinitions: null,
    },
  };
}

/** Versions of decisions that a deployment gave. */
async function readDecisions(
  request: RestRequest,
  deployed: readonly DeployedDecision[],
): Promise<readonly Decision[]> {
  const found: Decision[] = [];
  for (const { decision, version } of deployed) {
    const asked = { ...request, query: {} };
    const keep = (one: Decision) => one.version === version;
    found.push(...(await readRows<Decision>(asked, 'decisions.list', { decision }, { keep })));
  }
  return found;
}

async function find(request: RestRequest): Promise<Definition> {
  const { process, version } = definitionKeyOf(request.params.id ?? '');
  const [found] = await readRows<Definition>(
    { ...request, query: {} },
    'process-definitions.list',
    {},
    { keep: (one) => one.process === process && one.version === version && isDrawing(one) },
  );
  if (found) return found;
  throw missing(`Deployment with id '${request.params.id}' does not exist`);
}

/** Operations over deployments. */
export const deploymentOperations: readonly Operation[] = [
  {
    method: 'POST',
    path: '/deployment/create',
    procedures: ['deployments.create', 'process-definitions.list', 'decisions.list'],
    note: 'The same content again gives the version that it has, whatever the filtering. Each version is a deployment of its own.',
    answer: deploy,
  },
  {
    method: 'GET',
    path: '/deployment',
    procedures: ['process-definitions.list'],
    async answer(request) {
      const rows = await readRows<Definition>(
        request,
        'process-definitions.list',
        {},
        {
          keep: keepOf(request),
          sort: {
            id: definitionId,
            name: ({ file }) => file,
            deploymentTime: ({ deployedAt }) => deployedAt,
          },
        },
      );
      return { json: rows.map(view) };
    },
  },
  {
    method: 'GET',
    path: '/deployment/count',
    procedures: ['process-definitions.list'],
    async answer(request) {
      return { json: await countKept(request, 'process-definitions.list', {}, keepOf(request)) };
    },
  },
  {
    method: 'GET',
    path: '/deployment/{id}',
    procedures: ['process-definitions.list'],
    async answer(request) {
      return { json: view(await find(request)) };
    },
  },
  {
    method: 'GET',
    path: '/deployment/{id}/resources',
    procedures: ['process-definitions.list'],
    async answer(request) {
      const { file } = await find(request);
      const { id } = request.params;
      return { json: [{ id: file, name: file, deploymentId: id }] };
    },
  },
  {
    method: 'DELETE',
    path: '/deployment/{id}',
    procedures: ['deployments.create'],
    note: 'Answered with 501: what instances may be on is never deleted.',
    answer() {
      throw unsupported(
        'deleting a deployment',
        'versions are facts, and instances and history refer to them; deploy a newer version',
      );
    },
  },
];
