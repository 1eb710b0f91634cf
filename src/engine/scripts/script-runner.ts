/**
 * Runs scripts in a thread of their own, one after the other. A script that the isolate cannot stop by itself
 * (a long step of the engine for scripts) ends with its thread, and the next one gets another.
 */
import { Worker } from 'node:worker_threads';
import { RetryableFault, TerminalFault } from '../../kernel/errors.ts';
import type { Variables } from '../model/expression.ts';
import { ProcessError } from '../model/job.ts';
import type { ScriptCall, ScriptOutcome } from './script-isolate.ts';

/** Characters of a script, and of JSON that goes in or comes out. */
const longestSource = 100_000;
const longestValue = 1_000_000;
/** Until a thread is ended; the isolate stops a script long before, and the first one waits for its start. */
const longestWaitMs = 1_000;
const longestStartMs = 20_000;
/** Scripts in line; more are tried again later. */
const mostWaiting = 1_000;

/** What a script gave. */
export interface ScriptResult {
  readonly result: unknown;
  /** Variables that it set by `execution.setVariable`. */
  readonly set: Variables;
}

/** Runs scripts of one program. */
export class ScriptRunner {
  #worker: Worker | undefined;
  #line: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** Why a script cannot be read; null when it can. */
  async problemOf(source: string): Promise<string | null> {
    if (source.length > longestSource) {
      return `expected at most ${longestSource} characters of JavaScript, found ${source.length}`;
    }
    const outcome = await this.#inLine({ source, variables: null, at: 0 });
    if (!('error' in outcome)) return null;
    return `expected JavaScript, found: ${outcome.error.name}: ${outcome.error.message}`;
  }

  /**
   * Runs a script. Throws a `ProcessError` for a `BpmnError` that it throws, and a `TerminalFault` when it fails or
   * does not end: the same again would end alike.
   */
  async run(source: string, variables: Variables, at: number): Promise<ScriptResult> {
    const text = JSON.stringify(variables);
    if (text.length > longestValue) {
      throw new TerminalFault(
        'SCRIPT_FAILED',
        `expected variables of at most ${longestValue} characters of JSON for a script, found ${text.length}`,
      );
    }
    const outcome = await this.#inLine({ source, variables: text, at });
    if ('value' in outcome) {
      if (outcome.value.length <= longestValue) return JSON.parse(outcome.value) as ScriptResult;
      throw new TerminalFault(
        'SCRIPT_FAILED',
        `expected a script to give at most ${longestValue} characters of JSON, found ${outcome.value.length}`,
      );
    }
    const { name, message, code } = outcome.error;
    if (name === 'BpmnError') throw new ProcessError(code, message);
    const isEndless = name === 'InternalError' && message === 'interrupted';
    throw new TerminalFault(
      'SCRIPT_FAILED',
      isEndless
        ? 'expected a script that ends within 250 ms, found one that was still at work'
        : `expected a script that ends, found: ${name}: ${message}`,
    );
  }

  /** Ends the thread. */
  async close(): Promise<void> {
    await this.#worker?.terminate();
    this.#worker = undefined;
  }

  async #inLine(call: ScriptCall): Promise<ScriptOutcome> {
    if (this.#waiting >= mostWaiting) {
      throw new RetryableFault('SCRIPTS_BUSY', `expected at most ${mostWaiting} scripts in line`);
    }
    this.#waiting += 1;
    const before = this.#line;
    const own = (async () => {
      await before;
      return await this.#ask(call);
    })();
    this.#line = own.catch(() => undefined);
    try {
      return await own;
    } finally {
      this.#waiting -= 1;
    }
  }

  async #ask(call: ScriptCall): Promise<ScriptOutcome> {
    const isNew = this.#worker === undefined;
    this.#worker ??= newWorker();
    const worker = this.#worker;
    const { promise, resolve } = Promise.withResolvers<ScriptOutcome>();
    const broken = (message: string) => {
      this.#worker = undefined;
      void worker.terminate();
      resolve({ error: { name: 'InternalError', message, code: '' } });
    };
    const failed = (error: unknown) =>
      broken(error instanceof Error ? error.message : String(error));
    const ended = () => broken('the thread for scripts ended');
    const timer = setTimeout(() => broken('interrupted'), isNew ? longestStartMs : longestWaitMs);
    worker.ref();
    worker.on('message', resolve).on('error', failed).on('exit', ended);
    worker.postMessage(call);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      worker.off('message', resolve).off('error', failed).off('exit', ended);
      // A program that is otherwise done may end.
      worker.unref();
    }
  }
}

function newWorker(): Worker {
  const worker = new Worker(new URL('./script-worker.ts', import.meta.url), {
    // It reads nothing of the program: neither its environment nor its options.
    ...{ env: {}, argv: [], execArgv: [], stdin: false, stdout: false, stderr: false },
    resourceLimits: { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 16 },
  });
  // Of a thread that nobody waits for any more; who waits has a listener besides.
  worker.on('error', () => undefined);
  return worker;
}
