/**
 * What is known of another service from its OpenAPI document: its operations as procedures, and its
 * webhooks and callbacks as events. `orderloom integrate` writes one such description for each service;
 * nothing here is connected yet, `connect.ts` does that.
 */
import type { z } from 'zod';
import { Bug, type ErrorDefinition } from '../../kernel/errors.ts';
import { defineEvent, type EventDefinition } from '../../kernel/event.ts';
import type { Access, ExternalProcedure } from '../../kernel/procedure.ts';

/** Where each field of the input goes in the request; a field that is named nowhere is not sent. */
export interface Placement {
  readonly path?: readonly string[];
  readonly query?: readonly string[];
  /** Names of headers, by field. */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * `rest`: all fields that are named nowhere else make the body. `field`: the field `body` is the
   * body. Absent: the request has none.
   */
  readonly body?: 'rest' | 'field';
}

/** One operation as it is sent and answered. */
export interface RemoteRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the service's base URL, parameters in braces. */
  readonly path: string;
  readonly placement: Placement;
  /**
   * True when sending it twice is certain to act once: it reads, its method says so, or the document
   * says that the service honours `Idempotency-Key`.
   */
  readonly repeatable: boolean;
  /** Refusals by status, for statuses whose answers carry no code of their own. */
  readonly byStatus?: Readonly<Record<number, ErrorDefinition>>;
}

/** An operation of another service, as a procedure. */
export interface RemoteProcedure<
  Name extends string = string,
  Input extends z.ZodType = z.ZodType,
  Output extends z.ZodType = z.ZodType,
  Code extends string = string,
> extends ExternalProcedure<Name, Input, Output, Code> {
  readonly request: RemoteRequest;
}

/** An event of another service, and how it is found in what arrives. */
export interface RemoteEvent<Name extends string = string, Payload extends z.ZodType = z.ZodType>
  extends EventDefinition<Name, Payload> {
  /** The body as a whole, of which `payloadIn` names the part that is the event's payload. */
  readonly body: z.ZodType;
  /** Field of the body that is the payload; null: the whole body is. */
  readonly payloadIn: string | null;
}

/** A service with all that was taken from its document. */
export interface RemoteService {
  /** The folder's name, and the first part of the names of its procedures and events. */
  readonly name: string;
  readonly title: string;
  /** Base path of the service's interface, relative to its address; e.g. `/api/v1`. */
  readonly basePath: string;
  /** How the service wants to be shown the key; null: it wants none. */
  readonly credential: { readonly header: string; readonly prefix: string } | null;
  readonly procedures: readonly RemoteProcedure[];
  readonly events: readonly RemoteEvent[];
}

/** Who may use another service through this one: its own processes, and other programs. */
const remoteAccess: Access = ['service', 'admin'];

/** Declares an operation of another service. Run by name: the declaration itself is connected to nothing. */
export function defineRemoteProcedure<
  const Name extends string,
  Input extends z.ZodType,
  Output extends z.ZodType,
  const Code extends string = never,
>(
  definition: Omit<RemoteProcedure<Name, Input, Output, Code>, 'effect' | 'access' | 'execute'>,
): RemoteProcedure<Name, Input, Output, Code> {
  return Object.freeze({
    ...definition,
    effect: 'external',
    access: remoteAccess,
    execute() {
      throw new Bug(
        `${definition.name} was executed without a connection; run it by its name, through the runner`,
      );
    },
  });
}

/** Declares an event of another service. */
export function defineRemoteEvent<const Name extends string, Payload extends z.ZodType>(
  definition: RemoteEvent<Name, Payload>,
): RemoteEvent<Name, Payload> {
  return defineEvent(definition) as RemoteEvent<Name, Payload>;
}

/** Declares a service. The description is frozen. */
export function defineRemoteService(definition: RemoteService): RemoteService {
  return Object.freeze(definition);
}

/** For lists whose items must differ. JSON, so that equal objects are equal. */
export function allDifferent(list: readonly unknown[]): boolean {
  return new Set(list.map((item) => JSON.stringify(item))).size === list.length;
}
