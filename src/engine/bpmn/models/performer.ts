/** What the commands of scripts are on real nodes: what a client, a worker or a person would ask of one of them. */
import { assert, RetryableFault } from '../../../kernel/errors.ts';
import { newId } from '../../../kernel/ids.ts';
import { newTrace } from '../../../kernel/tracing.ts';
import { definitionsIn } from '../../model/event-definitions.ts';
import { ProcessError } from '../../model/job.ts';
import type { Instruction } from '../../model/modification.ts';
import type { ProcessModel } from '../../model/process-model.ts';
import type { ElementInstance } from '../../model/state.ts';
import { variablesOf } from '../../runtime/variables.ts';
import type { EngineInTest, EngineWorld } from '../../testing/in-process-engine.ts';
import { waitFor } from '../../testing/wait-for.ts';
import type { OpenCall, OpenCalls } from './open-calls.ts';
import type { ScriptCommand } from './script-commands.ts';
import type { StoredInstances } from './stored-instances.ts';

/** The key of waits that are met by their instance, in drawings of other engines. */
const byInstance = 'correlatedBy=instance';
const instanceField = { correlatedBy: 'instance' };

/** Whom a command is about. */
export interface Actor {
  readonly model: ProcessModel;
  /** Of its instance; empty until a command begins it. */
  id: string;
}

/** A command with what its script expects of it. */
export interface PlayedCommand extends ScriptCommand {
  /** What variables are, where the script looks at them. */
  readonly variables?: string | undefined;
}

/** Does what commands say. Whatever they are about must be there, or come. */
export class Performer {
  readonly #world: EngineWorld;
  readonly #stored: StoredInstances;
  readonly #calls: OpenCalls;

  constructor(world: EngineWorld, stored: StoredInstances, calls: OpenCalls) {
    this.#world = world;
    this.#stored = stored;
    this.#calls = calls;
  }

  /** Does one command by way of a node, and notes the instance that it begins. */
  async perform(actor: Actor, command: PlayedCommand, at: EngineInTest): Promise<void> {
    const { name, node, rest, value } = command;
    const { engine } = at;
    const ask = (request: Parameters<typeof engine.request>[1]) =>
      engine.request(actor.id, request);
    switch (name) {
      case 'start':
        actor.id = await this.#world.begin(at, actor.model.key, value ?? {});
        return;
      case 'start-at':
        actor.id = await this.#startAt(actor, command, at);
        return;
      case 'complete':
        (await this.#call(actor.id, node)).give(value);
        return;
      case 'fail': {
        const call = await this.#call(actor.id, node);
        if (rest === '') call.fail(new RetryableFault('BROKEN', 'it broke'));
        else call.fail(new ProcessError(rest, rest));
        return;
      }
      case 'child':
      case 'childfails':
      case 'child-escalates': {
        const child = await this.#stored.child(actor.id);
        const given = {
          child: value,
          childfails: { fails: rest },
          'child-escalates': { tells: rest },
        };
        (await this.#call(child, 'work')).give(given[name]);
        return;
      }
      case 'message': {
        const wait = await this.#find(actor, command, (e) =>
          e.waits?.find((one) => one.kind === 'message' && one.on === node),
        );
        assert(wait.kind === 'message', 'a message is waited for');
        const payload = wait.key === byInstance ? { ...Object(value), ...instanceField } : value;
        await this.#world.publish(at, { id: newId(), name: wait.message, payload });
        return;
      }
      case 'signal': {
        const wait = await this.#find(actor, command, (e) =>
          e.waits?.find((one) => one.kind === 'signal' && one.on === node),
        );
        assert(wait.kind === 'signal', 'a signal is waited for');
        await broadcast(at, wait.signal, value);
        return;
      }
      case 'task': {
        const n = await this.#find(actor, command, (e) =>
          e.node === node && e.waits?.some(({ kind }) => kind === 'task') ? e.n : undefined,
        );
        await ask({ type: 'task-completed', n, output: value, by: 'ada' });
        return;
      }
      case 'work':
      case 'work-fails':
      case 'work-error':
      case 'retries':
        await this.#work(actor, command, at);
        return;
      case 'modify': {
        const why = { reason: 'it stands where it should not', by: 'ada' };
        await ask({ type: 'modify', instructions: value as readonly Instruction[], ...why });
        return;
      }
      case 'move-timer': {
        const n = await this.#find(actor, command, (e) =>
          e.waits?.some(({ kind, on }) => kind === 'timer' && on === node) ? e.n : undefined,
        );
        await ask({ type: 'timer-moved', n, on: node, due: Date.parse(String(value)), by: 'ada' });
        return;
      }
      case 'begin':
        await ask({ type: 'activity-start', node, scope: null, by: 'ada' });
        return;
      case 'variables':
        await this.#compareVariables(actor, command);
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
        await ask({ type: 'incident-retry', n: await this.#incident(actor, command), by: 'ada' });
        return;
      case 'skip': {
        const n = await this.#incident(actor, command);
        const by = { by: 'ada', reason: 'done by hand' };
        await ask({ type: 'incident-skip', n, ...by, output: value });
        return;
      }
      default:
        assert(false, `the script says "${name}", which nobody can do on a real node`);
    }
  }

  /** What the script says of variables is what the database has of them. */
  async #compareVariables(
    { model, id }: Actor,
    { node, variables: expected }: PlayedCommand,
  ): Promise<void> {
    const state = (await this.#stored.states([id])).get(id);
    const elements = state?.elements ?? {};
    const at = Object.values(elements).find((element) => element.node === node);
    const all = node === '' ? elements[1]?.vars : at && variablesOf(elements, at.n);
    const { correlatedBy: _, ...found } = all ?? {};
    assert(
      JSON.stringify(found) === expected,
      `${model.key}: expected variables ${expected}, found ${JSON.stringify(found)}`,
    );
  }

  /** The id of the instance that begins by a start event: the schedule, signal, condition or message that it has. */
  async #startAt({ model }: Actor, { node, value: payload }: PlayedCommand, at: EngineInTest) {
    const [element = '', part = '0'] = node.split('/');
    const start = model.nodes[element];
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
    const known = await this.#stored.ofProcess(model.key);
    await this.#world.publish(at, { id: newId(), name: event.message, payload });
    return await waitFor(`an instance of ${model.key}`, async () =>
      (await this.#stored.ofProcess(model.key)).find((id) => !known.includes(id)),
    );
  }

  /** What a worker does with the oldest task of its topic. */
  async #work(
    actor: Actor,
    { name, node, rest, value }: PlayedCommand,
    { engine }: EngineInTest,
  ): Promise<void> {
    const id = await this.#stored.externalTask(actor.id, node);
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

  async #find<Found>(
    { model, id }: Actor,
    { name }: PlayedCommand,
    look: (element: ElementInstance) => Found | undefined,
  ): Promise<Found> {
    const found = await this.#stored.find(id, look);
    if (found === undefined) throw new Error(`${model.key}: nothing there for ${name}`);
    return found;
  }

  async #incident(actor: Actor, command: PlayedCommand): Promise<number> {
    const id = command.node === 'process' ? '' : command.node;
    return await this.#find(actor, command, (e) => (e.node === id && e.incident ? e.n : undefined));
  }

  async #call(instance: string, node: string): Promise<OpenCall> {
    return await waitFor(
      `a call of "${node}" of instance ${instance}`,
      () => this.#calls.take(instance, node),
      {
        explain: async () =>
          [await this.#stored.standing(instance), ...this.#world.warnings].join('\n'),
      },
    );
  }
}

/** Broadcasts a signal, as a client does. */
async function broadcast({ engine, database }: EngineInTest, signal: string, payload: unknown) {
  const told = { signal, payload, traceId: newTrace().traceId };
  return await database.transaction((tx) => engine.broadcastSignal(tx, told));
}
