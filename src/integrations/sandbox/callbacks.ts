/**
 * The callbacks of a sandbox: signed webhooks to the merchant, at least once. A callback is kept
 * in the same commit as the change that it tells of, and is sent until an attempt is answered 2xx
 * or there were too many, with a growing pause between attempts, also across restarts of the
 * sandbox.
 *
 * Status of a callback: `pending` while it is to be sent; `held` by a fault until the one after it
 * was sent; `delivered`, `lost` (by a fault) and `given-up` are final. Callbacks of one key start
 * in their order: each waits for the first attempt of the one before.
 */
import { request as send } from 'undici';
import type { Clock } from '../../kernel/clock.ts';
import { newId } from '../../kernel/ids.ts';
import type { Log } from '../../kernel/procedure.ts';
import { signWebhook, webhookSignatureHeader } from '../../kernel/webhook-signature.ts';
import { backoffMs } from '../transport/backoff.ts';
import type { FaultPlan } from './faults.ts';
import type { components } from './generated/openapi.ts';
import type { Change, Journal } from './journal.ts';

/** A callback and what became of it; callbacks of one `key` start in their order. */
export type CallbackRecord = components['schemas']['Callback'] & { readonly key: string };

/** Where callbacks go, and the secret that signs them. */
export interface CallbackTarget {
  readonly url: string;
  readonly secret: string;
}

/** How often a callback is sent, and how fast. */
export interface CallbackRetry {
  /** Attempts in all. @defaultValue 1000 */
  readonly attempts: number;
  /** Pause after the first attempt; it doubles. @defaultValue 100 */
  readonly baseDelayMs: number;
  /** Longest pause. Short, so that a restarted merchant need not wait. @defaultValue 2000 */
  readonly maxDelayMs: number;
}

/** The sender of one sandbox's callbacks. */
export interface Callbacks {
  /**
   * Goes on with what an earlier run left unsent; called once, when the sandbox can be asked back.
   */
  resume(): void;
  /** The change that keeps a new callback, and what sends it once that is committed. */
  prepare(key: string, body: Record<string, unknown>): { change: Change; send: () => void };
  list(): readonly CallbackRecord[];
  setTarget(target: CallbackTarget): void;
  /** Sends what faults have held back. */
  release(): void;
  /** Ends the sending; what is pending goes on when the journal is opened again. */
  stop(): Promise<void>;
}

const attemptTimeoutMs = 10_000;

/** Makes the sender. */
export function callbackSender(options: {
  readonly journal: Journal;
  readonly faults: FaultPlan;
  readonly clock: Clock;
  readonly log: Log;
  readonly target?: CallbackTarget | undefined;
  readonly retry?: Partial<CallbackRetry> | undefined;
}): Callbacks {
  const { journal, faults, clock, log } = options;
  const retry = { attempts: 1_000, baseDelayMs: 100, maxDelayMs: 2_000, ...options.retry };
  const kept = journal.collection<CallbackRecord>('callbacks');
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();
  const lastOfKey = new Map<string, Promise<void>>();
  let held: string[] = [];
  let target = options.target;
  const targetKnown = Promise.withResolvers<void>();
  if (target) targetKnown.resolve();

  const update = (id: string, change: Partial<CallbackRecord>): CallbackRecord | undefined => {
    const record = kept.get(id);
    if (!record) return undefined;
    const next = { ...record, ...change };
    journal.commit(kept.put(id, next));
    return next;
  };

  function pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = clock.schedule(new Date(clock.now().getTime() + delayMs), resolve);
      const give = () => {
        cancel();
        resolve();
      };
      if (stopping.signal.aborted) give();
      else stopping.signal.addEventListener('abort', give, { once: true });
    });
  }

  /** Sends once; true when it was answered 2xx. */
  async function attempt(id: string, to: CallbackTarget): Promise<boolean> {
    const record = kept.get(id);
    if (!record) return false;
    const rawBody = JSON.stringify(record.body);
    let lastAnswer: string;
    let taken = false;
    try {
      const { statusCode, body } = await send(to.url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          [webhookSignatureHeader]: signWebhook(to.secret, rawBody, clock.now()),
        },
        body: rawBody,
        signal: AbortSignal.any([stopping.signal, AbortSignal.timeout(attemptTimeoutMs)]),
      });
      await body.dump();
      lastAnswer = String(statusCode);
      taken = statusCode >= 200 && statusCode < 300;
    } catch (error) {
      lastAnswer = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    }
    if (!stopping.signal.aborted) update(id, { attempts: record.attempts + 1, lastAnswer });
    return taken;
  }

  async function deliver(id: string, plan: { delayMs: number; twice: boolean }, first: () => void) {
    if (plan.delayMs > 0) await pause(plan.delayMs);
    await Promise.race([targetKnown.promise, aborted(stopping.signal)]);
    while (!stopping.signal.aborted) {
      const taken = target !== undefined && (await attempt(id, target));
      first();
      if (stopping.signal.aborted) return;
      if (taken) {
        if (plan.twice && target) await attempt(id, target);
        update(id, { status: 'delivered' });
        return;
      }
      const attempts = kept.get(id)?.attempts ?? 0;
      if (attempts >= retry.attempts) {
        update(id, { status: 'given-up' });
        log.warn({ callback: id, attempts }, 'a callback was never taken; it is given up');
        return;
      }
      // Without jitter, so that a sandbox does the same every time.
      await pause(backoffMs(attempts, retry, () => 1));
    }
  }

  /** Sends in the background; resolves after the first attempt. */
  function begin(
    id: string,
    plan: { delayMs: number; twice: boolean },
    after?: Promise<void>,
  ): Promise<void> {
    const { key = '' } = kept.get(id) ?? {};
    const before = Promise.all([lastOfKey.get(key), after]);
    const first = Promise.withResolvers<void>();
    lastOfKey.set(key, first.promise);
    const work = before
      .then(() => deliver(id, plan, first.resolve))
      .catch((error: unknown) => log.error({ error, callback: id }, 'a callback was not sent'))
      .finally(() => {
        first.resolve();
        running.delete(work);
        if (lastOfKey.get(key) === first.promise) lastOfKey.delete(key);
      });
    running.add(work);
    return first.promise;
  }

  /** Sends what is held back, last first, each after the one before it. */
  function release(after?: Promise<void>): void {
    const ids = held.reverse();
    held = [];
    let before = after;
    for (const id of ids) {
      update(id, { status: 'pending' });
      before = begin(id, { delayMs: 0, twice: false }, before);
    }
  }

  function start(id: string): void {
    const fault = faults.forCallback();
    if (fault.kind === 'lose') {
      update(id, { status: 'lost' });
    } else if (fault.kind === 'hold') {
      update(id, { status: 'held' });
      held.push(id);
    } else {
      release(begin(id, { delayMs: fault.delayMs, twice: fault.kind === 'duplicate' }));
    }
  }

  return {
    resume() {
      for (const { id, status } of kept.values()) {
        if (status === 'held') held.push(id);
        if (status === 'pending') void begin(id, { delayMs: 0, twice: false });
      }
      release();
    },
    prepare(key, body) {
      const id = newId();
      const createdAt = clock.now().toISOString();
      const record = { id, key, body, createdAt, attempts: 0, lastAnswer: null };
      return {
        change: kept.put(id, { ...record, status: 'pending' }),
        send: () => start(id),
      };
    },
    list: () => kept.values(),
    setTarget(next) {
      target = next;
      targetKnown.resolve();
    },
    release: () => release(),
    async stop() {
      stopping.abort();
      await Promise.all(running);
    },
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
