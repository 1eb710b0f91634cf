/**
 * Server-sent events: one route for each procedure that opens a stream. Permission and input are judged
 * by the procedure, like those of every other route; what follows is the event log, from where the
 * procedure says.
 *
 * A stream holds one page of events in memory. A client that does not read is not written to, and is
 * cut off after a while; it comes back with `Last-Event-ID` and goes on where it was. The number of
 * streams is bounded, and closing the server ends them.
 */
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { cloudEventJson, type EventLog, followLog, type LogPage } from '../../events/index.ts';
import { isRefusal, type Refusal, refuse } from '../../kernel/errors.ts';
import type { ModuleDefinition } from '../../kernel/module.ts';
import type { Procedure } from '../../kernel/procedure.ts';
import { invalidInput, type Runner } from '../../procedures/index.ts';
import { refusalAnswer, sendAnswer } from '../answer.ts';
import { tooManyStreams } from '../errors.ts';
import { mergeInput } from '../input.ts';
import { RefusedError } from '../problem.ts';
import { headerOf } from '../request.ts';

/** How streams are served. */
export interface StreamOptions {
  readonly log: EventLog;
  /** Most streams at a time. @defaultValue 200 */
  readonly mostStreams?: number;
  /** Silence after which a sign of life is sent, in milliseconds. @defaultValue 15000 */
  readonly heartbeatMs?: number;
  /** A client that takes nothing for this long is cut off, in milliseconds. @defaultValue 30000 */
  readonly slowestMs?: number;
}

/** What the procedure of a stream answers. */
interface StreamStart {
  readonly after: string;
  readonly names?: readonly string[];
  readonly keys?: readonly string[];
  /** The only user whose events are sent; absent: everybody's. */
  readonly owner?: string;
}

/** Events read and formatted at a time. */
const eventsAtOnce = 100;
/** Streams that one customer may have open on a node: a few windows. */
const mostOfOwner = 5;
/** What is buffered towards one client before it is waited for, in bytes. */
const bufferBytes = 64 * 1024;
/** How long a client waits before it connects again, in milliseconds; told to each. */
const reconnectMs = 2_000;
/** How long one that was turned away shall wait, in seconds. */
const retryAfterSeconds = 5;

/** Mounts the streams of all modules, under the same paths as every procedure. */
export function addStreamRoutes(
  server: FastifyInstance,
  modules: readonly ModuleDefinition[],
  options: StreamOptions & { readonly runner: Runner; readonly prefixes: readonly string[] },
): void {
  const { mostStreams = 200, runner, prefixes } = options;
  /** Open streams, with the customer who follows only what is his own. */
  const open = new Map<AbortController, string | undefined>();
  let closing = false;
  server.addHook('preClose', async () => {
    closing = true;
    for (const stream of open.keys()) stream.abort();
  });

  /** Customers get half of the places, so that they never keep staff and services out. */
  function hasRoomFor(owner: string | undefined): boolean {
    if (closing || open.size >= mostStreams) return false;
    if (owner === undefined) return true;
    const owners = [...open.values()].filter((one) => one !== undefined);
    const own = owners.filter((one) => one === owner);
    return owners.length < mostStreams / 2 && own.length < mostOfOwner;
  }

  async function handle(
    request: FastifyRequest,
    reply: FastifyReply,
    procedure: Procedure,
  ): Promise<FastifyReply> {
    const { caller, trace } = request;
    const input = inputOf(request);
    const started = isRefusal(input)
      ? input
      : await runner.run(procedure.name, input, { caller, trace, unknownFields: 'refuse' });
    if (isRefusal(started)) return sendAnswer(reply, refusalAnswer(started, trace.traceId));
    const start = started as StreamStart;
    if (!hasRoomFor(start.owner)) throw noRoom(mostStreams);
    const stop = new AbortController();
    open.set(stop, start.owner);
    const stream = streamOf(options, start, stop);
    stream.once('close', () => {
      stop.abort();
      open.delete(stop);
    });
    return (
      reply
        .type('text/event-stream; charset=utf-8')
        // Kept alive after its end, the connection would hold up a server that is being closed.
        .headers({ 'cache-control': 'no-store', 'x-accel-buffering': 'no', connection: 'close' })
        .send(stream)
    );
  }

  for (const procedure of modules.flatMap(({ procedures }) => procedures)) {
    const { http } = procedure;
    if (!http?.stream) continue;
    for (const prefix of prefixes) {
      server.route({
        method: http.method,
        url: prefix + http.path,
        config: { access: procedure.access },
        handler: (request, reply) => handle(request, reply, procedure),
      });
    }
  }
}

function noRoom(mostStreams: number): RefusedError {
  return new RefusedError(
    refuse(
      tooManyStreams,
      `expected fewer than ${mostStreams} open streams on this node, half of them and ${mostOfOwner} each for ` +
        'customers; found as many; close some, or try again',
    ),
    { 'retry-after': String(retryAfterSeconds) },
  );
}

/** `Last-Event-ID` says where a client that comes back was; it goes before the address it first used. */
function inputOf(request: FastifyRequest): Readonly<Record<string, unknown>> | Refusal {
  const input = mergeInput(request);
  const last = headerOf(request.headers['last-event-id']);
  if (isRefusal(input) || last === undefined || last === '') return input;
  if (/^\d{1,18}$/.test(last)) return { ...input, after: last };
  return refuse(invalidInput, `expected a position in Last-Event-ID, found "${last}"`);
}

/** The text of a stream as bytes to be sent, no faster than the client takes them. */
function streamOf(options: StreamOptions, start: StreamStart, stop: AbortController): Readable {
  const { slowestMs = 30_000 } = options;
  let taken: NodeJS.Timeout | undefined;
  async function* watched(): AsyncGenerator<string> {
    for await (const text of textOf(options, start, stop.signal)) {
      // Asked for more in time: what went before has left.
      taken = setTimeout(() => stream.destroy(), slowestMs);
      taken.unref();
      yield text;
      clearTimeout(taken);
    }
  }
  const stream = Readable.from(watched(), { objectMode: false, highWaterMark: bufferBytes });
  stream.once('close', () => clearTimeout(taken));
  return stream;
}

async function* textOf(
  { log, heartbeatMs = 15_000 }: StreamOptions,
  start: StreamStart,
  signal: AbortSignal,
): AsyncGenerator<string> {
  yield `retry: ${reconnectMs}\nid: ${start.after}\n\n`;
  const query = { ...start, limit: eventsAtOnce, idleMs: heartbeatMs, signal };
  for await (const page of followLog(log, query)) yield pageText(page);
}

/** A page as text; an empty one tells where the stream is, so that a filter is not searched again. */
function pageText({ events, next }: LogPage): string {
  if (events.length === 0) return `: heartbeat\nid: ${next}\n\n`;
  return events
    .map(
      (event) => `id: ${event.position}\nevent: ${event.name}\ndata: ${cloudEventJson(event)}\n\n`,
    )
    .join('');
}
