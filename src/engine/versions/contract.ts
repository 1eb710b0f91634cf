/**
 * Whether the variables of an instance are what the code of a version takes for certain: outputs of
 * steps that have run by their schemas, and the inputs of steps that are about to run.
 */
import { z } from 'zod';
import type { Variables } from '../model/expression.ts';
import type { ProcessModel } from '../model/process-model.ts';
import type { ElementInstance } from '../model/state.ts';
import { variablesOf } from '../runtime/variables.ts';
import type { Problem } from './problem.ts';

/** What does not fit, named by the elements of `elements`. */
export function* contractProblems(
  model: ProcessModel,
  elements: Readonly<Record<number, ElementInstance>>,
): Generator<Problem> {
  for (const element of Object.values(elements)) {
    yield* ownVariables(model, element);
    const variables = variablesOf(elements, element.n);
    yield* missingVariables(model, element, variables);
    yield* inputProblems(model, element, variables);
  }
}

function* ownVariables(model: ProcessModel, element: ElementInstance): Generator<Problem> {
  for (const [name, value] of Object.entries(element.vars ?? {})) {
    const schema =
      model.contract?.schemas[name] ??
      (element.node === '' && name === 'input' ? model.input : undefined);
    if (!schema || !isReadTwice(schema)) continue;
    const issues = issuesOf(schema, value);
    if (issues === null) continue;
    const message =
      `variable "${name}" does not fit the schema of version ${model.version}: ${issues}; make the ` +
      'schema take what was written before, or move the instances with a transform';
    yield { code: 'VARIABLE_INVALID', element: element.node, message };
  }
}

function* missingVariables(
  model: ProcessModel,
  { node, parent }: ElementInstance,
  variables: Variables,
): Generator<Problem> {
  if (parent === 0) return;
  for (const name of model.contract?.knows[node] ?? []) {
    if (variables[name] !== undefined) continue;
    const message =
      `the code at "${node}" takes the output of "${name}" for certain, but the instance has none ` +
      'since it had passed there; move it with a transform that gives it';
    yield { code: 'VARIABLE_MISSING', element: node, message };
  }
}

function* inputProblems(
  model: ProcessModel,
  { node, job, loop }: ElementInstance,
  variables: Variables,
): Generator<Problem> {
  const task = model.nodes[node];
  if (!job || loop || task?.type !== 'serviceTask' || !task.input) return;
  let wrong: string | null;
  try {
    const value = task.input.value.evaluate(variables);
    wrong = task.input.schema ? issuesOf(task.input.schema, value) : null;
  } catch (error) {
    wrong = error instanceof Error ? error.message : String(error);
  }
  if (wrong === null) return;
  const message = `the input of step "${node}" would not fit: ${wrong}; mend its schema or mapping`;
  yield { code: 'INPUT_INVALID', element: node, message };
}

function issuesOf(schema: z.ZodType, value: unknown): string | null {
  const result = schema.safeParse(value);
  if (result.success) return null;
  return result.error.issues
    .slice(0, 5)
    .map(({ path, message }) => `at /${path.map(String).join('/')}: ${message}`)
    .join('; ');
}

const readTwice = new WeakMap<z.ZodType, boolean>();

/**
 * True when what the schema gave can be read by it again. One that transforms gives something else
 * than it takes, and what is stored is what it gave: reading that again would prove nothing.
 */
function isReadTwice(schema: z.ZodType): boolean {
  let known = readTwice.get(schema);
  if (known === undefined) {
    known = !holdsTransform(schema, new Set());
    readTwice.set(schema, known);
  }
  return known;
}

function holdsTransform(value: unknown, seen: Set<unknown>): boolean {
  if (typeof value !== 'object' || value === null || seen.has(value)) return false;
  seen.add(value);
  if (value instanceof z.ZodType) {
    const { def } = value._zod;
    if (def.type === 'transform' || def.type === 'pipe' || def.type === 'custom') return true;
    if (def.type === 'lazy') return false;
    return Object.values(def).some((inner) => holdsTransform(inner, seen));
  }
  const isPlain = Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
  return isPlain && Object.values(value).some((inner) => holdsTransform(inner, seen));
}
