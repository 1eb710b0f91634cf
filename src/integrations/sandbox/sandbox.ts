/**
 * Runs one sandbox: the played system's interface, what it offers besides, faults, callbacks and
 * memory on one HTTP server of its own.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/procedure.ts';
import { type Contract, loadContract } from '../openapi/document.ts';
import {
  type CallbackRetry,
  type Callbacks,
  type CallbackTarget,
  callbackSender,
} from './callbacks.ts';
import { contractServer, type Handlers } from './contract-server.ts';
import { type FaultPlan, faultPlan } from './faults.ts';
import type { operations } from './generated/openapi.ts';
import { type Journal, openJournal } from './journal.ts';

/** What every sandbox can be started with. */
export interface SandboxOptions {
  /** @defaultValue 0, any free port */
  readonly port?: number;
  /** @defaultValue 127.0.0.1 */
  readonly host?: string;
  /** Where callbacks go; absent, they wait until they are told by `sendCallbacksTo`. */
  readonly webhookUrl?: string;
  /** Signs callbacks. */
  readonly webhookSecret?: string;
  /** The bearer token that callers must show. @defaultValue sandbox-key */
  readonly apiKey?: string;
  /** Folder of the journal file. Absent, the sandbox forgets when it stops. */
  readonly journal?: string;
  /** Address at which a host serves the sandbox; it then listens on no port of its own. */
  readonly mountedAt?: string;
  /** How callbacks are repeated. */
  readonly callbackRetry?: Partial<CallbackRetry>;
  readonly log: Log;
  readonly clock: Clock;
}

/** A running sandbox. */
export interface RunningSandbox {
  /** Without a slash at the end. */
  readonly url: string;
  /** Says where callbacks go from now on; those that wait are sent. */
  sendCallbacksTo(target: CallbackTarget): void;
  /** Stops listening and sending; open connections are closed. */
  stop(): Promise<void>;
}

/** Answers one request of a host; the host's own path is taken off its URL. */
export type MountedSandbox = (request: IncomingMessage, response: ServerResponse) => void;

/** What a sandbox's handlers are made of. */
export interface SandboxTools {
  readonly journal: Journal;
  readonly callbacks: Callbacks;
  readonly faults: FaultPlan;
  readonly clock: Clock;
  readonly log: Log;
  /** The sandbox's own address; known once it listens. */
  url(): string;
}

/** The bearer token of sandboxes that were not told another. It guards nothing but demo data. */
export const sandboxApiKey = 'sandbox-key';
/** The secret of callbacks of sandboxes that were not told another. */
export const sandboxWebhookSecret = 'sandbox-webhook-secret';

const controlContract = () => loadContract(new URL('openapi.yaml', import.meta.url));

/** Starts a sandbox; resolves when it takes calls. */
export async function startSandbox(
  options: SandboxOptions & {
    /** Name of the journal file. */
    readonly name: string;
    readonly system?: Contract;
    readonly control: Contract;
    readonly moreControl?: readonly Contract[];
    readonly handlers: (tools: SandboxTools) => Readonly<Record<string, unknown>>;
  },
): Promise<RunningSandbox & { readonly tools: SandboxTools; readonly handle: MountedSandbox }> {
  const { clock, log, apiKey = sandboxApiKey, host = '127.0.0.1', webhookUrl } = options;
  const journal = openJournal({ folder: options.journal, name: options.name });
  const faults = faultPlan();
  const secret = options.webhookSecret ?? sandboxWebhookSecret;
  const callbacks = callbackSender({
    journal,
    faults,
    clock,
    log,
    retry: options.callbackRetry,
    target: webhookUrl === undefined ? undefined : { url: webhookUrl, secret },
  });
  let url = '';
  const tools: SandboxTools = { journal, callbacks, faults, clock, log, url: () => url };
  const server = contractServer({
    system: options.system,
    control: [options.control, ...(options.moreControl ?? []), controlContract()],
    handlers: { ...options.handlers(tools), ...controlHandlers(tools) },
    apiKey,
    faults,
    clock,
    log,
  });
  const stop = async () => {
    await callbacks.stop();
    await server.close();
  };
  try {
    if (options.mountedAt !== undefined) await server.ready();
    url = options.mountedAt ?? (await server.listen({ port: options.port ?? 0, host }));
  } catch (error) {
    await stop();
    throw error;
  }
  callbacks.resume();
  return { url, tools, stop, sendCallbacksTo: callbacks.setTarget, handle: server.routing };
}

function controlHandlers({ faults, callbacks }: SandboxTools): Handlers<operations> {
  return {
    getFaults: () => ({ status: 200, body: faults.get() }),
    setFaults({ body }) {
      faults.set(body);
      return { status: 200, body: faults.get() };
    },
    clearFaults() {
      faults.clear();
      callbacks.release();
      return { status: 204 };
    },
    listCallbacks: () => ({ status: 200, body: { items: [...callbacks.list()] } }),
    setCallbackTarget({ body }) {
      callbacks.setTarget(body);
      return { status: 204 };
    },
  };
}
