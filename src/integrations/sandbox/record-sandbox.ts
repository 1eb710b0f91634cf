/**
 * The sandbox of a system that keeps records: what it adds to `startSandbox` is that a request acts once
 * under its idempotency key, that the records can be looked at, and that what is accepted now may end
 * later, as told. A system is then its document and what each operation does to the records.
 */
import { type Contract, loadContract } from '../openapi/document.ts';
import type { Handlers } from './contract-server.ts';
import type { operations as laterOperations } from './generated/later-openapi.ts';
import type { operations as recordOperations } from './generated/records-openapi.ts';
import { idempotencyKeys, keyReused } from './idempotency-keys.ts';
import type { Change, Collection } from './journal.ts';
import {
  type MountedSandbox,
  type RunningSandbox,
  type SandboxOptions,
  type SandboxTools,
  startSandbox,
} from './sandbox.ts';

/** How work ends that was accepted and not done at once. */
export type LaterOutcome = 'succeed' | 'fail' | 'hold';

/** An answer, what it changes, and what is told of it. */
export interface Act {
  readonly answer: { readonly status: unknown };
  readonly keep?: readonly Change[];
  /** Work that ends later: its id, by which `play.end` is called. */
  readonly later?: string;
}

/** What the handlers of a record sandbox are made of. */
export interface RecordTools extends SandboxTools {
  records<T extends object>(kind: string): Collection<T>;
  /** Does what `act` says, unless it was done under this key before: then answers the same again. */
  once<Done extends Act>(
    request: { readonly idempotencyKey: string; readonly path: unknown; readonly body: unknown },
    act: () => Done,
  ): Done['answer'] | typeof keyReused;
}

/** One system, played. */
export interface RecordPlay {
  /** Name of the system, of its path on a host and of its journal. */
  readonly name: string;
  readonly contract: () => Contract;
  /** What may be looked at. */
  readonly kinds: readonly string[];
  handlers(tools: RecordTools): Readonly<Record<string, unknown>>;
  /** Ends accepted work: the changes, and the callback that tells of it; null when there is none. */
  readonly end?: (
    tools: RecordTools,
    id: string,
    succeeds: boolean,
  ) => {
    readonly keep: readonly Change[];
    readonly callbackKey: string;
    readonly tell: Record<string, unknown>;
  } | null;
}

const control = (name: string) => loadContract(new URL(name, import.meta.url));

/** Starts the sandbox of a system; resolves when it takes calls. */
export async function startRecordSandbox(
  play: RecordPlay,
  options: SandboxOptions,
): Promise<RunningSandbox & { readonly handle: MountedSandbox }> {
  const { end } = play;
  return await startSandbox({
    ...options,
    name: play.name,
    system: play.contract(),
    control: control('records-openapi.yaml'),
    ...(end ? { moreControl: [control('later-openapi.yaml')] } : {}),
    handlers(tools) {
      const own = recordTools(tools, play);
      return {
        ...play.handlers(own.tools),
        ...recordHandlers(own.tools, play),
        ...(end ? laterHandlers(own) : {}),
      };
    },
  });
}

interface OwnTools {
  readonly tools: RecordTools;
  /** False when there is no such work. */
  endNow(id: string, succeeds: boolean): boolean;
  way: LaterOutcome;
}

function recordTools(given: SandboxTools, play: RecordPlay): OwnTools {
  const { journal, callbacks } = given;
  const keys = idempotencyKeys(journal);
  const answers = journal.collection<{ readonly status: unknown }>('answers');

  const own: OwnTools = {
    way: 'succeed',
    endNow(id, succeeds) {
      const ended = play.end?.(tools, id, succeeds);
      if (!ended) return false;
      const callback = callbacks.prepare(ended.callbackKey, ended.tell);
      journal.commit(...ended.keep, callback.change);
      callback.send();
      return true;
    },
    get tools() {
      return tools;
    },
  };
  const tools: RecordTools = {
    ...given,
    records: (kind) => journal.collection(kind),
    once({ idempotencyKey, path, body }, act) {
      const request = { path, body };
      const used = keys.check(idempotencyKey, request);
      if (used.use === 'other-request') return keyReused;
      if (used.use === 'repeated') return answers.get(used.id) as ReturnType<typeof act>['answer'];
      const { answer, keep = [], later } = act();
      journal.commit(
        ...keep,
        answers.put(idempotencyKey, answer),
        keys.remember(idempotencyKey, request, { kind: 'answer', id: idempotencyKey }),
      );
      if (later !== undefined && own.way !== 'hold') own.endNow(later, own.way === 'succeed');
      return answer;
    },
  };
  return own;
}

function recordHandlers(tools: RecordTools, { kinds }: RecordPlay): Handlers<recordOperations> {
  return {
    inspectRecords: () => ({
      status: 200,
      body: {
        records: Object.fromEntries(
          kinds.map((kind) => [kind, [...tools.records<Record<string, unknown>>(kind).values()]]),
        ),
      },
    }),
  };
}

function laterHandlers(own: OwnTools): Handlers<laterOperations> {
  return {
    getLater: () => ({ status: 200, body: { outcome: own.way } }),
    setLater({ body }) {
      own.way = body.outcome;
      return { status: 200, body };
    },
    endLater({ path, body }) {
      if (own.endNow(path.id, body.outcome === 'succeed')) return { status: 204 };
      return notThere(`expected accepted work that is open, found none with id ${path.id}`);
    },
  };
}

/** The answer for what is not there. */
export function notThere(message: string) {
  return { status: 404, body: { code: 'NOT_FOUND', message } } as const;
}

/** The answer for what does not go with what is there. */
export function conflict(code: string, message: string) {
  return { status: 409, body: { code, message } } as const;
}

/** The answer for what is understood and refused for good. */
export function refused(code: string, message: string) {
  return { status: 422, body: { code, message } } as const;
}
