/** What the plugins put on every request, for the routes to read. */
import type { Caller } from '../kernel/caller.ts';
import type { Access, Procedure } from '../kernel/procedure.ts';
import type { TraceContext } from '../kernel/trace.ts';
import type { OpenSpan } from '../kernel/tracing.ts';
import type { WorkKind } from './door.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The trace that this request belongs to; its span is the request's own. */
    trace: TraceContext;
    span: OpenSpan;
    caller: Caller;
    /**
     * Who asks a second procedure behind the same route: null when their key does not open it. In demo
     * mode the identity that it needs is lent, as for the first one.
     */
    callerOf(procedure: Pick<Procedure, 'name' | 'access'>): Caller | null;
    /** Who repeats are counted for: a user, a holder of an API key, an address. */
    identity: string;
  }
  interface FastifyContextConfig {
    /** Access of the procedure behind this route; demo mode lends the identity that it needs. */
    access?: Access;
    /** What the route asks for, when it may be turned away; absent: it always passes. */
    work?: WorkKind;
    /** Name of that procedure; keys may be limited to some. */
    procedure?: string;
    /** Names of further procedures that it runs. */
    alsoRuns?: readonly string[];
  }
}

/** The first value of a header that may come several times. */
export function headerOf(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.[0];
}
