/** Writes down one call as a trace event: what it was, how it ended, and why when it failed. */
import type { Caller } from '../kernel/caller.ts';
import { isRefusal } from '../kernel/errors.ts';
import type { TraceContext, TraceDeclaration, TraceEventRecord } from '../kernel/trace.ts';
import { errorCodeOf } from './faults.ts';

/** A call that has ended. */
export interface EndedCall {
  readonly procedure: string;
  readonly declaration: TraceDeclaration;
  readonly caller: Caller;
  readonly trace: TraceContext;
  readonly input: unknown;
  readonly at: Date;
  readonly durationMs: number;
}

/** The trace event of a call that succeeded with this output. */
export function successRecord(call: EndedCall, output: unknown): TraceEventRecord {
  return record(call, { status: 'success', ...pick(call, { input: call.input, output }) });
}

/** The trace event of a call that was refused or threw. */
export function failureRecord(call: EndedCall, failure: unknown): TraceEventRecord {
  const { details, ...ids } = pick(call, { input: call.input });
  const why = isRefusal(failure)
    ? { errorCode: failure.code, detail: failure.detail, more: failure.traceDetails }
    : { errorCode: errorCodeOf(failure), detail: messageOf(failure), more: {} };
  return record(call, {
    status: 'failed',
    errorCode: why.errorCode,
    details: { ...details, detail: why.detail, ...why.more },
    ...ids,
  });
}

type Outcome = Pick<TraceEventRecord, 'status' | 'orderId' | 'userId' | 'details' | 'errorCode'>;

function record(call: EndedCall, outcome: Outcome): TraceEventRecord {
  const { declaration, procedure, trace, at, durationMs } = call;
  const { type, service } = declaration;
  return { type, service, procedure, ...trace, at, durationMs, ...outcome };
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * What the procedure wants kept. The input of a failed call may be anything at all, so a `describe`
 * that stumbles over it, or ids that are none, are no reason to lose the event.
 */
function pick(
  { declaration, caller }: EndedCall,
  call: { input: unknown; output?: unknown },
): Pick<Outcome, 'orderId' | 'userId' | 'details'> {
  const { orderId, userId = caller.userId, ...details } = describe(declaration, call);
  return {
    ...(isId(orderId) ? { orderId } : {}),
    ...(isId(userId) ? { userId } : {}),
    details,
  };
}

function describe(
  declaration: TraceDeclaration,
  call: { input: unknown; output?: unknown },
): ReturnType<NonNullable<TraceDeclaration['describe']>> {
  try {
    return declaration.describe?.(call) ?? {};
  } catch {
    return {};
  }
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && uuid.test(value);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
