/**
 * Plays the scripts of models on real nodes: each command is what a client, a worker, a person or the clock
 * would do, and after each the history in the database must be the one in the script, line by line. All
 * scripts are played side by side; the clock moves when every one of them waits for it, and never past a
 * timer that no script asks for. Each script has a process of its own, and messages and signals of its own.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { assert, RetryableFault } from '../../../kernel/errors.ts';
import { newId } from '../../../kernel/ids.ts';
import { defineExternal, type Procedure } from '../../../kernel/procedure.ts';
import { newTrace } from '../../../kernel/tracing.ts';
import type { Database } from '../../../postgres/index.ts';
import { definitionsIn } from '../../model/event-definitions.ts';
import type { Variables } from '../../model/expression.ts';
import { ProcessError } from '../../model/job.ts';
import type { Instruction } from '../../model/modification.ts';
import type { ProcessModel } from '../../model/process-model.ts';
import type { ElementInstance, InstanceState } from '../../model/state.ts';
import { variablesOf } from '../../runtime/variables.ts';
import { unpackEntries, unpackStates } from '../../store/large-value-store.ts';
import {
  type Draft,
  drawProcess,
  endEvent,
  error,
  exclusiveGateway,
  serviceTask,
  startEvent,
} from '../../testing/draw-process.ts';
import { historyLine } from '../../testing/history-lines.ts';
import type { EngineInTest, EngineWorld } from '../../testing/in-process-engine.ts';
import { waitFor } from '../../testing/wait-for.ts';
import { compileDrawing } from '../compile-drawing.ts';
import { delegates } from './delegates.ts';

const folder = fileURLToPath(new URL('./runs/', import.meta.url));
const read = (name: string) => readFileSync(`${folder}${name}`, 'utf8');

/** Name of the procedure by which business rule tasks decide. */
const deciding = 'decisions.decide';
/** The key of waits that are met by their instance, in drawings of other engines. */
const byInstance = 'correlatedBy=instance';
const instanceField = { correlatedBy: 'instance' };

interface Command {
  readonly name: string;
  readonly node: string;
  /** What stands behind the node: a code, or JSON. */
  readonly rest: string;
  /** The history that follows, up to the next command. */
  readonly expected: string[];
  /** What variables are, where the script looks at them. */
  variables?: string;
}

/** One instance of one model, and how far its script is. */
interface Part {
  readonly model: ProcessModel;
  readonly commands: readonly Command[];
  id: string;
  next: number;
  /** The history that has been seen. */
  lines: string[];
}

interface Call {
  readonly instance: string;
  readonly node: string;
  readonly n: number;
  readonly give: (value: unknown) => void;
  readonly fail: (error: Error) => void;
}

/** Everything that the models call, answered by the scripts. */
export class Stage {
  readonly processes: ProcessModel[] = [];
  readonly procedures: Procedure[] = [];
  readonly #scripts: (readonly [ProcessModel, string])[] = [];
  #calls: Call[] = [];

  /** Reads all models and makes what they need around them. */
  static async open(): Promise<Stage> {
    const stage = new Stage();
    const names = readdirSync(folder).flatMap((name) => /^(.*)\.bpmn$/.exec(name)?.[1] ?? []);
    const procedures = new Set(['child.work', deciding, ...Object.values(delegates)]);
    for (const name of names) {
      const drawing = read(`${name}.bpmn`);
      for (const [, found] of drawing.matchAll(/ procedure="([^"]+)"/g))
        procedures.add(found ?? '');
      const scripts = read(`${name}.history`).split(/^again$/m);
      for (const [index, script] of scripts.entries()) {
        const key = index === 0 ? name : `${name}-${index + 1}`;
        const file = { name, xml: apart(drawing, key), delegates };
        const { models, problems } = await compileDrawing(file);
        const model = models.find((one) => one.key === key);
        assert(model, `model ${name} cannot be read: ${JSON.stringify(problems)}`);
        stage.processes.push(...models);
        stage.#scripts.push([model, script]);
      }
    }
    const own = new Set(stage.processes.map(({ key }) => key));
    const texts = stage.#scripts.map(([, text]) => text).join('\n');
    const codes = (command: string) => [
      ...new Set(
        [...texts.matchAll(/^(\S+) \S+ (\S+)$/gm)].flatMap(([, name, code = '']) =>
          name === command ? [code] : [],
        ),
      ),
    ];
    const ends = { errors: codes('childfails'), escalations: codes('child-escalates') };
    for (const [key, version] of calledBy(stage.processes)) {
      if (!own.has(key)) stage.processes.push(childProcess(key, version, ends));
    }
    stage.procedures.push(...[...procedures].map((name) => stage.#procedure(name)));
    return stage;
  }

  /** Waits for what a script says of it. */
  #procedure(name: string): Procedure {
    return defineExternal({
      name,
      summary: 'Answered by a script',
      input: z.unknown(),
      output: z.unknown(),
      access: ['service'],
      errors: [],
      execute: ({ idempotencyKey, signal }) =>
        new Promise((give, fail) => {
          const [instance = '', node = '', n] = idempotencyKey.split('/');
          // A decision answers with more than its result.
          const answer = (value: unknown) =>
            give(name === deciding ? { result: value, rows: [{ value }] } : value);
          const call: Call = { instance, node, n: Number(n), give: answer, fail };
          this.#calls.push(call);
          signal.addEventListener('abort', () => {
            this.#calls = this.#calls.filter((one) => one !== call);
            fail(new Error('the job was told to stop'));
          });
        }),
    });
  }

  /** The oldest call of an element; the script's answer is for that one. */
  takeCall(instance: string, node: string): Call | null {
    const open = this.#calls.filter((call) => call.instance === instance && call.node === node);
    const [first] = open.sort((a, b) => a.n - b.n);
    if (first) this.#calls.splice(this.#calls.indexOf(first), 1);
    return first ?? null;
  }

  /** What was asked by nodes that are dead is answered to nobody. */
  forgetCalls(): void {
    const calls = this.#calls;
    this.#calls = [];
    for (const { fail } of calls) fail(new Error('the node that asked is dead'));
  }

  /** A performance of all scripts. */
  performance(world: EngineWorld, database: Database): Performance {
    const parts = this.#scripts.map(
      ([model, script]): Part => ({
        ...{ model, id: '', next: 0, lines: [] },
        commands: commandsOf(script, model),
      }),
    );
    return new Performance(this, world, database, parts);
  }
}

/** The drawing as a process of this key, whose messages and signals reach no other. */
function apart(drawing: string, key: string): string {
  return drawing
    .replaceAll('"model"', `"${key}"`)
    .replace(/<(?:message|signal) [^>]*>/g, (tag) =>
      tag.replace(/ name="([^"]*)"/, ` name="$1.${key}"`),
    );
}

/** Processes that are called, each with the version that is asked for. */
function calledBy(models: readonly ProcessModel[]): ReadonlyMap<string, number> {
  const calls = models.flatMap(({ nodes }) =>
    Object.values(nodes).filter((node) => node.type === 'callActivity'),
  );
  return new Map(
    calls.map(({ calledProcess, calledVersion = 1 }) => [calledProcess, calledVersion]),
  );
}

/** Broadcasts a signal, as a client does. */
async function broadcast({ engine, database }: EngineInTest, signal: string, payload: unknown) {
  const told = { signal, payload, traceId: newTrace().traceId };
  return await database.transaction((tx) => engine.broadcastSignal(tx, told));
}

/**
 * A process that does what the script says: it ends with a result, or with one of these errors, or throws
 * one of these escalations and goes on.
 */
function childProcess(
  key: string,
  version: number,
  { errors, escalations }: Readonly<Record<'errors' | 'escalations', readonly string[]>>,
): ProcessModel {
  const says = (what: 'fails' | 'tells', code: string) => (variables: Variables) =>
    (variables.given as Readonly<Record<string, unknown>> | null)?.[what] === code;
  const tell = (code: string): Draft => ({
    node: { type: 'intermediateThrowEvent', event: { type: 'escalation', code } },
  });
  return drawProcess(key, {
    version,
    nodes: {
      start: startEvent(),
      again: exclusiveGateway(),
      work: serviceTask({ job: ({ run }) => run('child.work', {}), result: 'given' }),
      how: exclusiveGateway('how -> end'),
      end: endEvent(),
      ...Object.fromEntries(errors.map((code) => [`fails${code}`, endEvent(error(code))])),
      ...Object.fromEntries(escalations.map((code) => [`tells${code}`, tell(code)])),
    },
    flows: [
      'start -> again -> work -> how -> end',
      ...errors.map((code) => `how -> fails${code}`),
      ...escalations.map((code) => `how -> tells${code} -> again`),
    ],
    when: Object.fromEntries([
      ...errors.map((code) => [`how -> fails${code}`, says('fails', code)]),
      ...escalations.map((code) => [`how -> tells${code}`, says('tells', code)]),
    ]),
    output: ({ given }) => given,
  });
}

/** Commands of a script. What happens by itself on a real node belongs to the command before it. */
function commandsOf(script: string, model: ProcessModel): readonly Command[] {
  const commands: Command[] = [];
  for (const line of script.split('\n')) {
    if (line === '') continue;
    if (line.startsWith(' ')) {
      const last = commands.at(-1);
      if (last?.name === 'variables') last.variables = line.trim();
      else last?.expected.push(line.trim());
      continue;
    }
    const [, name = '', node = '', rest = ''] =
      /^(\S+)(?: ([^\s{["]\S*))?(?: (.*))?$/.exec(line) ?? [];
    const isScript = name === 'complete' && hasOwnWork(model, node);
    if (isScript || name === 'childundone') continue;
    commands.push({ name, node, rest, expected: [] });
  }
  return commands;
}

/** A script of a drawing is evaluated by the node itself. */
function hasOwnWork(model: ProcessModel, id: string): boolean {
  const node = model.nodes[id];
  return node?.type === 'serviceTask' && node.input === undefined;
}

/** All scripts side by side. */
export class Performance {
  readonly #stage: Stage;
  readonly #world: EngineWorld;
  readonly #database: Database;
  readonly #parts: readonly Part[];

  constructor(stage: Stage, world: EngineWorld, database: Database, parts: readonly Part[]) {
    this.#stage = stage;
    this.#world = world;
    this.#database = database;
    this.#parts = parts;
  }

  get instances(): number {
    return this.#parts.length;
  }

  /** Commands that are still to come. */
  get left(): number {
    return this.#parts.reduce((sum, { commands, next }) => sum + commands.length - next, 0);
  }

  /** Commands of the longest script: at least so many rounds are needed. */
  get longest(): number {
    return Math.max(...this.#parts.map(({ commands }) => commands.length));
  }

  /** One command of every script that can go on; the nodes share the asking. */
  async round(nodes: readonly EngineInTest[]): Promise<void> {
    const open = this.#parts.filter(({ commands, next }) => next < commands.length);
    const isTimer = ({ commands, next }: Part) => commands[next]?.name === 'timer';
    let acting: readonly Part[] = open.filter((part) => !isTimer(part));
    if (acting.length > 0) {
      await Promise.all(
        acting.map((part, index) => {
          const node = nodes[index % nodes.length];
          const command = part.commands[part.next];
          assert(node && command, 'a round has nodes and commands');
          return this.#act(part, command, node);
        }),
      );
    } else acting = await this.#moveClock(open);
    for (const part of acting) part.next += 1;
    await this.#seen(acting);
  }

  // --- what happens -----------------------------------------------------------------------------

  async #act(part: Part, { name, node, rest }: Command, at: EngineInTest): Promise<void> {
    const isCode = rest === '' || /^[A-Z_]+$/.test(rest);
    const value: unknown = isCode ? null : JSON.parse(rest);
    const { engine } = at;
    const ask = (request: Parameters<typeof engine.request>[1]) => engine.request(part.id, request);
    switch (name) {
      case 'start':
        part.id = await this.#world.begin(at, part.model.key, value ?? {});
        return;
      case 'start-at':
        part.id = await this.#startAt(part, node, value, at);
        return;
      case 'complete':
        (await this.#call(part.id, node)).give(value);
        return;
      case 'fail': {
        const call = await this.#call(part.id, node);
        if (rest === '') call.fail(new RetryableFault('BROKEN', 'it broke'));
        else call.fail(new ProcessError(rest, rest));
        return;
      }
      case 'child':
      case 'childfails':
      case 'child-escalates': {
        const child = await this.#child(part.id);
        const given = {
          child: value,
          childfails: { fails: rest },
          'child-escalates': { tells: rest },
        };
        (await this.#call(child, 'work')).give(given[name]);
        return;
      }
      case 'message': {
        const wait = await this.#find(part, (e) =>
          e.waits?.find((one) => one.kind === 'message' && one.on === node),
        );
        assert(wait.kind === 'message', 'a message is waited for');
        const payload = wait.key === byInstance ? { ...Object(value), ...instanceField } : value;
        await this.#world.publish(at, { id: newId(), name: wait.message, payload });
        return;
      }
      case 'signal': {
        const wait = await this.#find(part, (e) =>
          e.waits?.find((one) => one.kind === 'signal' && one.on === node),
        );
        assert(wait.kind === 'signal', 'a signal is waited for');
        await broadcast(at, wait.signal, value);
        return;
      }
      case 'task': {
        const n = await this.#find(part, (e) =>
          e.node === node && e.waits?.some(({ kind }) => kind === 'task') ? e.n : undefined,
        );
        await ask({ type: 'task-completed', n, output: value, by: 'ada' });
        return;
      }
      case 'work':
      case 'work-fails':
      case 'work-error':
      case 'retries':
        await this.#worker(part, { name, node, rest, value }, at);
        return;
      case 'modify': {
        const why = { reason: 'it stands where it should not', by: 'ada' };
        await ask({ type: 'modify', instructions: value as readonly Instruction[], ...why });
        return;
      }
      case 'move-timer': {
        const n = await this.#find(part, (e) =>
          e.waits?.some(({ kind, on }) => kind === 'timer' && on === node) ? e.n : undefined,
        );
        await ask({ type: 'timer-moved', n, on: node, due: Date.parse(String(value)), by: 'ada' });
        return;
      }
      case 'begin':
        await ask({ type: 'activity-start', node, scope: null, by: 'ada' });
        return;
      case 'variables':
        await this.#vary(part, node);
        return;
      case 'set':
      case 'unset': {
        const variables = (value ?? {}) as Readonly<Record<string, unknown>>;
        const removed = name === 'unset' ? [node] : [];
        await ask({ type: 'variables-set', variables, removed, by: 'ada' });
        return;
      }
      case 'cancel':
        await ask({ type: 'cancel', reason: 'no longer wanted', by: 'ada' });
        return;
      case 'retry':
        await ask({ type: 'incident-retry', n: await this.#incident(part, node), by: 'ada' });
        return;
      case 'skip': {
        const n = await this.#incident(part, node);
        const by = { by: 'ada', reason: 'done by hand' };
        await ask({ type: 'incident-skip', n, ...by, output: value });
        return;
      }
      default:
        assert(false, `the script says "${name}", which nobody can do on a real node`);
    }
  }

  /** What the script says of variables is what the database has of them. */
  async #vary(part: Part, node: string): Promise<void> {
    const state = (await this.#states([part])).get(part.id);
    const elements = state?.elements ?? {};
    const at = Object.values(elements).find((element) => element.node === node);
    const all = node === '' ? elements[1]?.vars : at && variablesOf(elements, at.n);
    const { correlatedBy: _, ...found } = all ?? {};
    const expected = part.commands[part.next]?.variables;
    assert(
      JSON.stringify(found) === expected,
      `${part.model.key}: expected variables ${expected}, found ${JSON.stringify(found)}`,
    );
  }

  async #startAt({ model }: Part, node: string, payload: unknown, at: EngineInTest) {
    const [id = '', part = '0'] = node.split('/');
    const start = model.nodes[id];
    assert(start?.type === 'startEvent', `"${node}" is no start event`);
    const event = definitionsIn(start.event)[Number(part)];
    if (event?.type === 'cycle') {
      const id = await at.database.transaction((tx) =>
        at.engine.schedules.runNow(tx, model.key, node),
      );
      assert(id, `schedule "${node}" did not start`);
      return id;
    }
    if (event?.type === 'signal') {
      const [id] = (await broadcast(at, event.signal, payload)).started;
      assert(id, `signal "${event.signal}" started nothing`);
      return id;
    }
    if (event?.type === 'conditional') {
      const told = { given: payload, process: model.key, traceId: '' };
      const { started } = await at.database.transaction((tx) =>
        at.engine.startByConditions(tx, told),
      );
      assert(started[0], `the condition of "${node}" does not hold`);
      return started[0];
    }
    assert(event?.type === 'message', `"${node}" begins by nothing that can be done here`);
    const known = await this.#instancesOf(model.key);
    await this.#world.publish(at, { id: newId(), name: event.message, payload });
    return await waitFor(`an instance of ${model.key}`, async () =>
      (await this.#instancesOf(model.key)).find((id) => !known.includes(id)),
    );
  }

  async #worker(
    part: Part,
    { name, node, rest, value }: Omit<Command, 'expected'> & { readonly value: unknown },
    { engine }: EngineInTest,
  ): Promise<void> {
    const id = await waitFor(`work at "${node}"`, async () => {
      const { rows } = await this.#database.query<{ id: string }>(
        'select id from engine.external_task where instance_id = $1 and node = $2 order by n limit 1',
        [part.id, node],
      );
      return rows[0]?.id;
    });
    if (name === 'retries') {
      await engine.externalTasks.setRetries(id, Number(value), 'ada');
      return;
    }
    const holder = { worker: 'worker' };
    await engine.externalTasks.lock(id, 'take', holder, 60_000);
    const variables = (value ?? {}) as Readonly<Record<string, unknown>>;
    const end =
      name === 'work'
        ? ({ type: 'completed', variables } as const)
        : name === 'work-error'
          ? ({ type: 'error', code: rest, message: 'it said no', variables: {} } as const)
          : ({ type: 'failed', message: 'it broke', retries: Number(value), delayMs: 0 } as const);
    const settled = await engine.externalTasks.settle(id, holder, end);
    assert(settled.outcome === 'taken', `the worker was refused: ${JSON.stringify(settled)}`);
  }

  /** Moves the clock to the first of the timers that scripts ask for. */
  async #moveClock(waiting: readonly Part[]): Promise<readonly Part[]> {
    assert(waiting.length > 0, 'there is nothing left to play');
    const states = await this.#states(waiting);
    const wanted: { readonly part: Part; readonly due: number }[] = [];
    let limit = Number.POSITIVE_INFINITY;
    for (const part of waiting) {
      const node = part.commands[part.next]?.node;
      const timers = Object.values(states.get(part.id)?.elements ?? {}).flatMap(({ waits = [] }) =>
        waits.filter((wait) => wait.kind === 'timer'),
      );
      const [own] = timers.filter((wait) => wait.on === node);
      assert(own, `${part.model.key}: no timer is set at "${node}"`);
      wanted.push({ part, due: own.due });
      for (const timer of timers) if (timer !== own) limit = Math.min(limit, timer.due);
    }
    // One moment at a time: a timer that repeats must not go by twice.
    const first = Math.min(...wanted.map(({ due }) => due));
    assert(first < limit, 'a timer that no script asks for would be the first');
    this.#world.clock.advanceTo(new Date(first));
    return wanted.flatMap(({ part, due }) => (due === first ? [part] : []));
  }

  // --- what is there ----------------------------------------------------------------------------

  /** Resolves when the history of each part is the one of its script. */
  async #seen(parts: readonly Part[]): Promise<void> {
    const expected = new Map(
      parts.map((part) => [
        part.id,
        part.commands.slice(0, part.next).flatMap((command) => command.expected),
      ]),
    );
    let open = [...parts];
    await waitFor(
      'the history of every script',
      async () => {
        // What nodes have come to set since the clock was moved may be due already.
        this.#world.clock.advanceBy(0);
        const found = await this.#histories(open.map(({ id }) => id));
        open = open.filter((part) => {
          const own = `.${part.model.key} `;
          part.lines = (found.get(part.id) ?? []).map((line) => line.replace(own, ' '));
          return part.lines.join('\n') !== expected.get(part.id)?.join('\n');
        });
        return open.length === 0;
      },
      {
        everyMs: 20,
        explain: () => this.#difference(open, expected),
      },
    );
  }

  /** What a test that failed says: the histories that differ, what is there, and what nodes warned of. */
  async #difference(
    parts: readonly Part[],
    expected: ReadonlyMap<string, readonly string[]>,
  ): Promise<string> {
    const states = await this.#states(parts);
    const each = parts.map(({ model, id, lines }) => {
      const elements = JSON.stringify(states.get(id)?.elements);
      return `${model.key}\n  expected ${expected.get(id)?.join('; ')}\n  found    ${lines.join('; ')}\n  with     ${elements}`;
    });
    return [...each, ...this.#world.warnings].join('\n');
  }

  async #histories(ids: readonly string[]): Promise<ReadonlyMap<string, string[]>> {
    const { rows } = await this.#database.query<{ id: string; entries: string }>(
      `select instance_id as id, entries from engine.history
        where instance_id = any($1::uuid[]) order by instance_id, from_seq`,
      [ids],
    );
    const entries = await unpackEntries(this.#database, rows);
    const lines = new Map<string, string[]>();
    rows.forEach(({ id }, index) => {
      lines.set(id, [...(lines.get(id) ?? []), ...(entries[index] ?? []).map(historyLine)]);
    });
    return lines;
  }

  async #states(parts: readonly Part[]): Promise<ReadonlyMap<string, InstanceState>> {
    const { rows } = await this.#database.query<{ id: string; state: string }>(
      'select id, state from engine.instance where id = any($1::uuid[])',
      [parts.map(({ id }) => id)],
    );
    const states = await unpackStates(this.#database, rows);
    return new Map(rows.map(({ id }, index) => [id, states[index]?.state as InstanceState]));
  }

  async #find<T>(part: Part, look: (element: ElementInstance) => T | undefined): Promise<T> {
    const states = await this.#states([part]);
    for (const element of Object.values(states.get(part.id)?.elements ?? {})) {
      const found = look(element);
      if (found !== undefined) return found;
    }
    throw new Error(`${part.model.key}: nothing there for ${part.commands[part.next]?.name}`);
  }

  async #incident(part: Part, node: string): Promise<number> {
    const id = node === 'process' ? '' : node;
    return await this.#find(part, (e) => (e.node === id && e.incident ? e.n : undefined));
  }

  async #call(instance: string, node: string): Promise<Call> {
    return await waitFor(
      `a call of "${node}" of instance ${instance}`,
      () => this.#stage.takeCall(instance, node),
      { explain: () => this.#standing(instance) },
    );
  }

  /** How an instance stands, for a test that failed. */
  async #standing(id: string): Promise<string> {
    const { rows } = await this.#database.query<{ process: string; state: string }>(
      'select process, state from engine.instance where id = $1',
      [id],
    );
    const [row] = rows;
    const lines = (await this.#histories([id])).get(id) ?? [];
    return [row?.process, lines.join('; '), row?.state, ...this.#world.warnings].join('\n');
  }

  /** The oldest child that still runs. */
  async #child(parent: string): Promise<string> {
    return await waitFor(`a child of ${parent}`, async () => {
      const { rows } = await this.#database.query<{ id: string }>(
        `select id from engine.instance where parent_id = $1 and status in ('running', 'waiting')
          order by parent_n limit 1`,
        [parent],
      );
      return rows[0]?.id;
    });
  }

  async #instancesOf(process: string): Promise<readonly string[]> {
    const { rows } = await this.#database.query<{ id: string }>(
      'select id from engine.instance where process = $1',
      [process],
    );
    return rows.map(({ id }) => id);
  }
}
