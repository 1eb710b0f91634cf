/** Mounts every procedure that has an HTTP binding, under `/api/v1` and under its alias `/api`. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isRefusal } from '../../kernel/errors.ts';
import type { ModuleDefinition } from '../../kernel/module.ts';
import type { HttpBinding, Procedure } from '../../kernel/procedure.ts';
import { refusalAnswer, sendAnswer } from '../answer.ts';
import type { WorkKind } from '../door.ts';
import type { Execute } from '../idempotency/execute.ts';
import { idempotencyKeyOf } from '../idempotency/key-header.ts';
import { mergeInput } from '../input.ts';
import { hasFound, secondAt, secondWord } from '../second-procedure.ts';

/** The canonical base path, and the alias under which the same routes are reachable. */
export const apiPrefixes = ['/api/v1', '/api'] as const;

/** Mounts the procedures of all modules. */
export function addProcedureRoutes(
  server: FastifyInstance,
  options: {
    readonly modules: readonly ModuleDefinition[];
    readonly execute: Execute;
    readonly startsWork: ((procedure: Procedure) => boolean) | undefined;
  },
): void {
  const { modules, execute, startsWork } = options;
  const all = modules.flatMap(({ procedures }) => procedures);
  for (const procedure of all) {
    const { http } = procedure;
    if (!http || http.stream) continue;
    const second = secondAt(http, all);
    for (const prefix of apiPrefixes) {
      server.route({
        method: http.method,
        url: prefix + pathPattern(http),
        bodyLimit: Math.max(server.initialConfig.bodyLimit ?? 0, http.bodyLimit ?? 0),
        config: {
          access: procedure.access,
          procedure: procedure.name,
          ...workOf(procedure, startsWork),
        },
        handler: (request, reply) => handle(request, reply, { procedure, second, execute }),
      });
    }
  }
}

function workOf(
  procedure: Procedure,
  startsWork: ((procedure: Procedure) => boolean) | undefined,
): { readonly work?: WorkKind } {
  if (procedure.effect === 'read' || procedure.steersLoad) return {};
  return { work: startsWork?.(procedure) ? 'new' : 'under way' };
}

/** `/orders/{orderId}` as the router writes it. */
function pathPattern({ path }: HttpBinding): string {
  return path.replace(/\{(\w+)\}/g, ':$1');
}

/** The procedures behind a route. */
interface Behind {
  readonly procedure: Procedure;
  /** Asked when the first one finds nothing. */
  readonly second: Procedure | undefined;
  readonly execute: Execute;
}

async function handle(
  request: FastifyRequest,
  reply: FastifyReply,
  { procedure, second, execute }: Behind,
): Promise<FastifyReply> {
  const { caller, trace, identity } = request;
  const input = mergeInput(request);
  if (isRefusal(input)) return sendAnswer(reply, refusalAnswer(input, trace.traceId));
  const scope = `${identity} ${procedure.http?.method} ${procedure.http?.path}`;
  const key = idempotencyKeyOf(request);
  const options = { caller, trace, unknownFields: 'refuse' } as const;
  const answer = await execute({ procedure, input, options, scope, key });
  const asked = second && !hasFound(answer) ? request.callerOf(second) : null;
  if (!second || !asked) return sendAnswer(reply, answer, procedure.http?.mediaType);
  const more = { procedure: second, input, options: { ...options, caller: asked }, scope };
  return sendAnswer(reply, secondWord(answer, await execute({ ...more, key: undefined })));
}
