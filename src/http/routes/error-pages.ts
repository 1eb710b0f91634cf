/** Explains every code: the `type` of a problem leads here. */
import type { FastifyInstance } from 'fastify';
import { type ErrorDefinition, refuse } from '../../kernel/errors.ts';
import type { ModuleDefinition } from '../../kernel/module.ts';
import { runnerErrors } from '../../procedures/index.ts';
import { httpErrors, routeNotFound } from '../errors.ts';
import { problemType, RefusedError } from '../problem.ts';

/** One code and who may answer with it. */
interface ErrorPage extends ErrorDefinition {
  readonly type: string;
  /** The module that owns the code; `http` for codes that any request may meet. */
  readonly module: string;
  readonly procedures: readonly string[];
}

/** Every code of the program, by code. */
export function errorPages(modules: readonly ModuleDefinition[]): ReadonlyMap<string, ErrorPage> {
  const procedures = modules.flatMap((module) => module.procedures);
  const owned = [
    ...[...runnerErrors, ...httpErrors].map((error) => ({ error, module: 'http' })),
    ...modules.flatMap(({ errors, name }) => errors.map((error) => ({ error, module: name }))),
  ];
  return new Map(
    owned.map(({ error, module }) => [
      error.code,
      {
        ...error,
        type: problemType(error.code),
        module,
        procedures: procedures
          .filter(({ errors }) => errors.some(({ code }) => code === error.code))
          .map(({ name }) => name),
      },
    ]),
  );
}

/** Mounts `/errors` and `/errors/<code>`. */
export function addErrorPages(server: FastifyInstance, modules: readonly ModuleDefinition[]): void {
  const pages = errorPages(modules);
  server.get('/errors', async () => ({ items: [...pages.values()] }));
  server.get<{ Params: { code: string } }>('/errors/:code', async ({ params }) => {
    const page = pages.get(params.code);
    if (page) return page;
    throw new RefusedError(
      refuse(routeNotFound, `expected a code of /errors, found "${params.code}"`),
    );
  });
}
