/**
 * Operations that move instances to another version. A plan is the same as in Camunda 7: pairs of
 * activities. Elements that keep their id need no pair here; whether an instance fits is asked of the
 * engine, and nothing is moved unless every one of them does.
 */
import { type DefinitionKey, definitionId, definitionKeyOf } from '../definition-ids.ts';
import {
  isTrue,
  type Operation,
  onlyKnown,
  type RestAnswer,
  type RestRequest,
  textOf,
} from '../operation.ts';
import { invalid, missing, unsupported } from '../rest-error.ts';
import { beginBatch, meantBy } from './batches.ts';

interface Instruction {
  readonly sourceActivityIds: readonly string[];
  readonly targetActivityIds: readonly string[];
  readonly updateEventTrigger: boolean;
}

interface Plan {
  readonly from: DefinitionKey;
  readonly to: DefinitionKey;
  readonly instructions: readonly Instruction[];
}

/** Instances that one request moves. */
const mostInstances = 200;
const mostInstructions = 1_000;

function nodesOf({ engine }: RestRequest, { process, version }: DefinitionKey) {
  const nodes = engine.model(process, version)?.nodes;
  if (nodes) return nodes;
  throw missing(`No matching definition with id ${definitionId({ process, version })}`);
}

/** The one activity of a side of an instruction. */
function activityOf(given: unknown, side: string): string {
  const [id, ...others] = Array.isArray(given) ? (given as unknown[]) : [];
  if (typeof id === 'string' && others.length === 0) return id;
  throw invalid(`expected one activity in ${side}, found ${JSON.stringify(given) ?? 'nothing'}`);
}

function planOf(given: unknown): Plan {
  if (typeof given !== 'object' || given === null) throw invalid('expected a migration plan');
  const body = given as Readonly<Record<string, unknown>>;
  const from = definitionKeyOf(textOf(body, 'sourceProcessDefinitionId'));
  const to = definitionKeyOf(textOf(body, 'targetProcessDefinitionId'));
  if (from.process !== to.process) {
    throw invalid(
      `expected two versions of one process, found "${from.process}" and "${to.process}"`,
    );
  }
  const { instructions = [] } = body;
  if (!Array.isArray(instructions) || instructions.length > mostInstructions) {
    throw invalid(`expected "instructions" to be a list of at most ${mostInstructions}`);
  }
  return {
    from,
    to,
    instructions: (instructions as Readonly<Record<string, unknown>>[]).map((one) => ({
      sourceActivityIds: [activityOf(one?.sourceActivityIds, 'sourceActivityIds')],
      targetActivityIds: [activityOf(one?.targetActivityIds, 'targetActivityIds')],
      updateEventTrigger: isTrue(one?.updateEventTrigger),
    })),
  };
}

function planView({ from, to, instructions }: Plan) {
  return {
    sourceProcessDefinitionId: definitionId(from),
    targetProcessDefinitionId: definitionId(to),
    instructions,
    variables: null,
  };
}

/** Pairs for what has the same id and kind in both versions. */
function generate(request: RestRequest): RestAnswer {
  const { from, to } = planOf({ ...request.body, instructions: [] });
  const target = nodesOf(request, to);
  const updates = isTrue(request.body.updateEventTriggers);
  const instructions = Object.values(nodesOf(request, from))
    .filter(({ id, type }) => target[id]?.type === type)
    .map(({ id, type }) => ({
      sourceActivityIds: [id],
      targetActivityIds: [id],
      updateEventTrigger: updates && /event$/i.test(type),
    }));
  return { json: planView({ from, to, instructions }) };
}

/** What is wrong with each instruction, by itself. */
function reportsOf(request: RestRequest, { from, to, instructions }: Plan) {
  const [source, target] = [nodesOf(request, from), nodesOf(request, to)];
  return instructions.flatMap((instruction) => {
    const [old = '', next = ''] = [
      ...instruction.sourceActivityIds,
      ...instruction.targetActivityIds,
    ];
    const failures = [
      ...(source[old] ? [] : [`Source activity '${old}' does not exist`]),
      ...(target[next] ? [] : [`Target activity '${next}' does not exist`]),
      ...(source[old] && target[next] && source[old].type !== target[next].type
        ? [`Activities have incompatible types (${source[old].type}, ${target[next].type})`]
        : []),
    ];
    return failures.length === 0 ? [] : [{ instruction, failures }];
  });
}

/** What the engine is asked for a plan whose instructions are right by themselves. */
function ofPlan(request: RestRequest, given: unknown) {
  const plan = planOf(given);
  const [report] = reportsOf(request, plan);
  if (report) throw invalid(`Cannot migrate: ${report.failures.join('; ')}`);
  const target = nodesOf(request, plan.to);
  const elements = Object.fromEntries(
    plan.instructions.map((one) => [one.sourceActivityIds[0], one.targetActivityIds[0]]),
  );
  const restartTimers = plan.instructions
    .filter(({ updateEventTrigger }) => updateEventTrigger)
    .flatMap(({ targetActivityIds }) => targetActivityIds)
    .filter((id) => {
      const node = target[id];
      return node !== undefined && 'event' in node && isTimer(node.event);
    });
  return { plan, asked: { to: plan.to.version, elements }, restartTimers };
}

/** The same as a durable job. Instances of other versions than that of the plan are not meant. */
async function executeAsync(request: RestRequest): Promise<RestAnswer> {
  const { body } = request;
  onlyKnown(body, [
    ...['migrationPlan', 'processInstanceIds', 'processInstanceQuery'],
    ...['skipCustomListeners', 'skipIoMappings'],
  ]);
  const { plan, asked, restartTimers } = ofPlan(request, body.migrationPlan);
  if (restartTimers.length > 0) {
    throw unsupported('a batch that begins timers anew', 'execute the plan with named instances');
  }
  const named = body.processInstanceQuery ?? {};
  const filter = {
    ...meantBy(body.processInstanceIds, body.processInstanceIds ? undefined : named),
    ...plan.from,
  };
  return await beginBatch(request, {
    action: 'migrate',
    filter,
    reason: 'asked by REST',
    ...asked,
  });
}

async function execute(request: RestRequest): Promise<RestAnswer> {
  const { body } = request;
  onlyKnown(body, [
    ...['migrationPlan', 'processInstanceIds', 'processInstanceQuery'],
    ...['skipCustomListeners', 'skipIoMappings'],
  ]);
  if (body.processInstanceQuery !== undefined && body.processInstanceQuery !== null) {
    throw unsupported('a query of instances', 'name them, or use /api/v1/processes/migrate');
  }
  const ids: unknown = body.processInstanceIds;
  if (!Array.isArray(ids) || ids.length === 0 || ids.length > mostInstances) {
    throw invalid(`expected "processInstanceIds" to name 1 to ${mostInstances} instances`);
  }
  const { plan, asked: moved, restartTimers } = ofPlan(request, body.migrationPlan);
  const asked = ids.map((instanceId: unknown) => ({ instanceId, ...moved, restartTimers }));
  for (const input of asked) await checkFit(request, plan, input);
  for (const input of asked) await request.run('processes.migrate', input);
  return {};
}

const isTimer = (event: unknown) =>
  ['timer', 'cycle'].includes((event as { type?: string } | null)?.type ?? '');

interface Fit {
  readonly outcome: string;
  readonly from: number;
  readonly problems: readonly { readonly code: string; readonly message: string }[];
}

async function checkFit(request: RestRequest, { from }: Plan, input: { instanceId: unknown }) {
  const fit = await request.run<Fit>('processes.migrate', { ...input, dryRun: true });
  const reasons = fit.problems.map(({ code, message }) => `${code}: ${message}`);
  if (fit.from !== from.version) {
    reasons.push(`it is on ${definitionId({ process: from.process, version: fit.from })}`);
  }
  if (reasons.length === 0) return;
  throw invalid(
    `Cannot migrate process instance '${String(input.instanceId)}': ${reasons.join('; ')}`,
  );
}

/** Operations that move instances to another version. */
export const migrationOperations: readonly Operation[] = [
  {
    method: 'POST',
    path: '/migration/generate',
    procedures: ['processes.migrate'],
    async answer(request) {
      return generate(request);
    },
  },
  {
    method: 'POST',
    path: '/migration/validate',
    procedures: ['processes.migrate'],
    note: 'Looks at the plan alone; whether an instance fits is said when it is moved.',
    async answer(request) {
      return { json: { instructionReports: reportsOf(request, planOf(request.body)) } };
    },
  },
  {
    method: 'POST',
    path: '/migration/execute',
    procedures: ['processes.migrate'],
    note: 'Up to 200 instances by id. All are checked first; what keeps its id needs no instruction.',
    answer: execute,
  },
  {
    method: 'POST',
    path: '/migration/executeAsync',
    procedures: ['bulk-operations.start'],
    note: 'A batch: each instance that fits is moved, the others stay and are counted as failed.',
    answer: executeAsync,
  },
];
