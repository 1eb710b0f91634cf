/**
 * Checks all manifests together, once, before anything is served: two modules that claim the same
 * name, path, event or code would otherwise be found by a customer.
 */
import { z } from 'zod';
import type { EventDefinition } from '../kernel/event.ts';
import type { ModuleDefinition } from '../kernel/module.ts';
import { mostBodyBytes, type Procedure } from '../kernel/procedure.ts';
import { runnerErrors } from './errors.ts';

/** Throws one error that lists everything that is wrong with the manifests; silent when all is well. */
export function checkModules(modules: readonly ModuleDefinition[]): void {
  const problems = [
    ...duplicates('module', modules, (module) => [module.name]),
    ...duplicates('PostgreSQL schema', modules, (module) => (module.schema ? [module.schema] : [])),
    ...duplicates('procedure', modules, (module) => module.procedures.map(({ name }) => name)),
    ...duplicates('route', modules, (module) => module.procedures.flatMap(routeOf)),
    ...duplicates('event', modules, (module) => module.events.map(({ name }) => name)),
    ...duplicates('error code', modules, (module) => module.errors.map(({ code }) => code)),
    ...duplicates('webhook', modules, (module) => (module.webhooks ?? []).map(({ name }) => name)),
    ...reservedCodes(modules),
    ...modules.flatMap((module) => moduleProblems(module, modules)),
  ];
  if (problems.length === 0) return;
  throw new Error(
    `the manifests of the modules do not fit together:\n${problems.map((one) => `- ${one}`).join('\n')}`,
  );
}

/** Parameter names do not tell two routes apart. */
function routeOf({ http }: Procedure): string[] {
  return http ? [`${http.method} ${http.path.replace(/\{[^}]*\}/g, '{}')}`] : [];
}

function duplicates(
  kind: string,
  modules: readonly ModuleDefinition[],
  claims: (module: ModuleDefinition) => readonly string[],
): string[] {
  const owners = new Map<string, string[]>();
  for (const module of modules) {
    for (const claim of claims(module)) {
      owners.set(claim, [...(owners.get(claim) ?? []), module.name]);
    }
  }
  return [...owners]
    .filter(([, names]) => names.length > 1)
    .map(
      ([claim, names]) => `${kind} "${claim}" is declared by ${names.join(' and ')}; rename one`,
    );
}

function reservedCodes(modules: readonly ModuleDefinition[]): string[] {
  const reserved = new Set<string>(runnerErrors.map(({ code }) => code));
  return modules.flatMap((module) =>
    module.errors
      .filter(({ code }) => reserved.has(code))
      .map(({ code }) => `${module.name} declares error ${code}, which the runner itself uses`),
  );
}

function moduleProblems(module: ModuleDefinition, all: readonly ModuleDefinition[]): string[] {
  return [
    ...module.events.flatMap(ownerProblems),
    ...module.procedures.flatMap((procedure) => procedureProblems(procedure, module, all)),
    ...webhookProblems(module, all),
  ];
}

function ownerProblems({ name, forOwner, payload }: EventDefinition): string[] {
  if (!forOwner || (payload instanceof z.ZodObject && 'userId' in payload.shape)) return [];
  return [`${name} is for its owner, but its payload has no field "userId" that names one`];
}

function procedureProblems(
  procedure: Procedure,
  module: ModuleDefinition,
  all: readonly ModuleDefinition[],
): string[] {
  const own = new Set(module.events.map(({ name }) => name));
  const codes = new Set(all.flatMap(({ errors }) => errors.map(({ code }) => code)));
  const problems: string[] = [];
  for (const event of procedure.emits ?? []) {
    if (!own.has(event.name)) {
      problems.push(
        `${procedure.name} emits ${event.name}, which the events of ${module.name} do not list`,
      );
    }
  }
  for (const { code } of procedure.errors) {
    if (!codes.has(code)) {
      problems.push(`${procedure.name} may refuse with ${code}, which no module's errors list`);
    }
  }
  return [...problems, ...bindingProblems(procedure), ...sharedPathProblems(procedure, all)];
}

/** What is asked at the path of another has to understand the same request, and to change nothing. */
function sharedPathProblems(
  { name, effect, http, input }: Procedure,
  all: readonly ModuleDefinition[],
): string[] {
  if (http?.alsoAt === undefined) return [];
  const { method, alsoAt } = http;
  if (method !== 'GET' || effect !== 'read') {
    return [`${name} is asked at ${alsoAt}, too; expected a reading procedure bound to GET`];
  }
  const procedures = all.flatMap((one) => one.procedures);
  const first = procedures.filter((one) => one.http?.method === method && one.http.path === alsoAt);
  const others = procedures.filter((one) => one.name !== name && one.http?.alsoAt === alsoAt);
  const problems: string[] = [];
  if (first.length !== 1 || first[0]?.name === name) {
    problems.push(`${name} is asked at ${alsoAt}, too; expected the path of another procedure`);
  }
  if (others.length > 0) problems.push(`${alsoAt} is shared by ${name} and ${others[0]?.name}`);
  const fields = 'shape' in input ? Object.keys(input.shape as object) : undefined;
  for (const [, parameter = ''] of alsoAt.matchAll(/\{(\w+)\}/g)) {
    if (fields?.includes(parameter) === false) {
      problems.push(`${name} is asked at ${alsoAt} and has no field ${parameter} in its input`);
    }
  }
  return problems;
}

function isBodyLimit(bytes: number): boolean {
  return Number.isSafeInteger(bytes) && bytes > 0 && bytes <= mostBodyBytes;
}

function bindingProblems({ name, effect, http, input }: Procedure): string[] {
  if (!http) return [];
  const problems: string[] = [];
  if (!/^(\/([\w-]+|\{\w+\}))+$/.test(http.path)) {
    problems.push(`${name} is bound to "${http.path}"; expected a path such as /orders/{orderId}`);
  }
  if (http.method === 'GET' && effect === 'transactional') {
    problems.push(`${name} writes, so it cannot be bound to GET`);
  }
  const { bodyLimit, method } = http;
  if (bodyLimit !== undefined && (method === 'GET' || !isBodyLimit(bodyLimit))) {
    problems.push(
      `${name} takes a body of ${bodyLimit} bytes by ${method}; expected 1 to ${mostBodyBytes}, not by GET`,
    );
  }
  const fields = 'shape' in input ? Object.keys(input.shape as object) : undefined;
  for (const [, parameter = ''] of http.path.matchAll(/\{(\w+)\}/g)) {
    if (fields && !fields.includes(parameter)) {
      problems.push(`${name} has {${parameter}} in its path but no such field in its input`);
    }
  }
  return problems;
}

function webhookProblems(module: ModuleDefinition, all: readonly ModuleDefinition[]): string[] {
  const procedures = all.flatMap((one) => one.procedures);
  return (module.webhooks ?? []).flatMap(({ name, procedure: wanted }) => {
    const procedure = procedures.find((one) => one.name === wanted);
    if (!procedure) return [`webhook ${name} names procedure ${wanted}, which does not exist`];
    return procedure.effect === 'transactional'
      ? []
      : [`webhook ${name} needs a transactional procedure, ${wanted} is ${procedure.effect}`];
  });
}
