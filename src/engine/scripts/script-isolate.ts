/**
 * JavaScript in isolation: QuickJS compiled to WebAssembly, with a runtime of its own for each script. A script
 * sees its variables and the language; there is no I/O, no timer, no chance, and no way to the program. It is
 * bounded in time, memory and depth. `Date` is the moment that it is given.
 */
import variant from '@jitl/quickjs-wasmfile-release-sync';
import {
  newQuickJSWASMModuleFromVariant,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSSyncVariant,
  type QuickJSWASMModule,
} from 'quickjs-emscripten-core';

/** Milliseconds that a script may take. */
const longestRunMs = 250;
const mostMemory = 16 * 1024 * 1024;
const deepestStack = 256 * 1024;

/** A script, and what it sees. */
export interface ScriptCall {
  readonly source: string;
  /** JSON of its variables; null: the script is only read. */
  readonly variables: string | null;
  /** What it sees as now, in milliseconds since 1970. */
  readonly at: number;
}

/** What became of a script: JSON of `{ result, set }`, or the error that ended it. */
export type ScriptOutcome =
  | { readonly value: string }
  | { readonly error: { readonly name: string; readonly message: string; readonly code: string } };

/**
 * Runs first in each runtime. It takes what could tell one run from another, gives the script its variables,
 * and returns what makes the answer afterwards, with functions that the script cannot replace.
 */
const prelude = `(text, at) => {
  'use strict';
  const { parse, stringify } = JSON;
  const { defineProperty, hasOwn, keys } = Object;
  const given = parse(text);
  const set = {};
  const Clock = Date;
  const now = () => at;
  function MomentDate(...parts) {
    if (!new.target) return new Clock(at).toString();
    return parts.length === 0 ? new Clock(at) : new Clock(...parts);
  }
  MomentDate.prototype = Clock.prototype;
  defineProperty(Clock.prototype, 'constructor', { value: MomentDate });
  for (const [name, value] of [['now', now], ['parse', Clock.parse], ['UTC', Clock.UTC]]) {
    defineProperty(MomentDate, name, { value });
  }
  globalThis.Date = MomentDate;
  Math.random = () => {
    throw new Error('expected a script that gives the same again, found Math.random()');
  };
  class BpmnError extends Error {
    constructor(code, message) {
      super(message === undefined ? '' : String(message));
      this.name = 'BpmnError';
      this.code = String(code);
    }
  }
  globalThis.BpmnError = BpmnError;
  const known = (name) => (hasOwn(set, name) ? set[name] : hasOwn(given, name) ? given[name] : null);
  globalThis.execution = Object.freeze({
    getVariable: (name) => known(name),
    hasVariable: (name) => hasOwn(set, name) || hasOwn(given, name),
    getVariables: () => ({ ...given, ...set }),
    setVariable(name, value) {
      defineProperty(set, String(name), {
        ...{ value: value === undefined ? null : value },
        ...{ enumerable: true, configurable: true, writable: true },
      });
    },
  });
  for (const name of keys(given)) {
    // What the language has by that name stays; execution.getVariable reaches the variable.
    if (name in globalThis) continue;
    defineProperty(globalThis, name, { value: given[name], writable: true, configurable: true });
  }
  const Later = Promise;
  return (value) => {
    if (value instanceof Later) throw new Error('expected a script that waits for nothing, found a promise');
    const type = typeof value;
    const isValue = value !== undefined && type !== 'function' && type !== 'symbol';
    return stringify({ result: isValue ? value : null, set });
  };
}`;

/** One instance of the engine for scripts. */
export class ScriptIsolate {
  #module: QuickJSWASMModule | undefined;

  /** Runs a script; never rejects for what is in it. */
  async run(call: ScriptCall): Promise<ScriptOutcome> {
    // Its types describe another kind of module than Node gives.
    this.#module ??= await newQuickJSWASMModuleFromVariant(
      variant as unknown as QuickJSSyncVariant,
    );
    try {
      return runIn(this.#module, call);
    } catch (error) {
      // A fault of the engine itself; the next script gets another one.
      this.#module = undefined;
      const message = error instanceof Error ? error.message : String(error);
      return { error: { name: 'IsolateFault', message, code: '' } };
    }
  }
}

function runIn(module: QuickJSWASMModule, { source, variables, at }: ScriptCall): ScriptOutcome {
  const runtime = module.newRuntime();
  runtime.setMemoryLimit(mostMemory);
  runtime.setMaxStackSize(deepestStack);
  const context = runtime.newContext({
    // Promises only because an import() without them is a fault of the engine; nobody runs what they wait for.
    intrinsics: {
      ...{ BaseObjects: true, Date: true, Eval: true, StringNormalize: true, RegExp: true },
      ...{ RegExpCompiler: true, JSON: true, MapSet: true, TypedArrays: true, BigInt: true },
      Promise: true,
    },
  });
  try {
    const end = performance.now() + longestRunMs;
    runtime.setInterruptHandler(() => performance.now() > end);
    return evaluate(context, { source, variables, at });
  } finally {
    context.dispose();
    runtime.dispose();
  }
}

function evaluate(context: QuickJSContext, { source, variables, at }: ScriptCall): ScriptOutcome {
  if (variables === null) {
    const read = context.evalCode(source, 'script', { type: 'global', compileOnly: true });
    return settle(context, read, () => ({ value: 'null' }));
  }
  return settle(context, context.evalCode(prelude, 'prelude'), (begin) => {
    const text = context.newString(variables);
    const moment = context.newNumber(at);
    const begun = context.callFunction(begin, context.undefined, text, moment);
    text.dispose();
    moment.dispose();
    return settle(context, begun, (answer) =>
      settle(context, context.evalCode(source, 'script', { type: 'global' }), (result) =>
        settle(context, context.callFunction(answer, context.undefined, result), (json) => ({
          value: context.getString(json),
        })),
      ),
    );
  });
}

type Result = ReturnType<QuickJSContext['evalCode']>;

function settle(
  context: QuickJSContext,
  result: Result,
  go: (value: QuickJSHandle) => ScriptOutcome,
): ScriptOutcome {
  if (result.error) {
    const error = {
      name: textOf(context, result.error, 'name'),
      message: textOf(context, result.error, 'message'),
      code: textOf(context, result.error, 'code'),
    };
    result.error.dispose();
    return { error };
  }
  try {
    return go(result.value);
  } finally {
    result.value.dispose();
  }
}

/** A text of an error, which may be anything. A getter of the script's own is bounded as the script is. */
function textOf(context: QuickJSContext, error: QuickJSHandle, property: string): string {
  const type = context.typeof(error);
  if (type === 'string')
    return property === 'message' ? context.getString(error).slice(0, 1_000) : '';
  if (type !== 'object') return '';
  const value = context.getProp(error, property);
  const text = context.typeof(value) === 'string' ? context.getString(value).slice(0, 1_000) : '';
  value.dispose();
  return text;
}
