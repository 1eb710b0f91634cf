/**
 * Scripts played side by side on real nodes: after each command the history in the database must be the one in the
 * script, line by line. The clock moves when every script waits for it, and never past a timer that no script asks
 * for.
 */
import { assert } from '../../../kernel/errors.ts';
import type { Database } from '../../../postgres/index.ts';
import type { ProcessModel } from '../../model/process-model.ts';
import type { EngineInTest, EngineWorld } from '../../testing/in-process-engine.ts';
import { waitFor } from '../../testing/wait-for.ts';
import type { OpenCalls } from './open-calls.ts';
import { type Actor, Performer, type PlayedCommand } from './performer.ts';
import { readCommand } from './script-commands.ts';
import { StoredInstances } from './stored-instances.ts';

interface Command extends PlayedCommand {
  /** The history that follows, up to the next command. */
  readonly expected: string[];
  variables?: string;
}

/** One instance of one model, and how far its script is. */
interface Part extends Actor {
  readonly commands: readonly Command[];
  next: number;
  /** The history that has been seen. */
  lines: readonly string[];
}

/** All scripts side by side. */
export class Performance {
  readonly #world: EngineWorld;
  readonly #stored: StoredInstances;
  readonly #performer: Performer;
  readonly #parts: readonly Part[];

  constructor(
    world: EngineWorld,
    database: Database,
    calls: OpenCalls,
    scripts: readonly (readonly [ProcessModel, string])[],
  ) {
    this.#world = world;
    this.#stored = new StoredInstances(database);
    this.#performer = new Performer(world, this.#stored, calls);
    this.#parts = scripts.map(([model, script]) => ({
      ...{ model, id: '', next: 0, lines: [] },
      commands: commandsOf(script, model),
    }));
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
          return this.#performer.perform(part, command, node);
        }),
      );
    } else acting = await this.#moveClock(open);
    for (const part of acting) part.next += 1;
    await this.#seen(acting);
  }

  /** Moves the clock to the first of the timers that scripts ask for. */
  async #moveClock(waiting: readonly Part[]): Promise<readonly Part[]> {
    assert(waiting.length > 0, 'there is nothing left to play');
    const states = await this.#stored.states(waiting.map(({ id }) => id));
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
        const found = await this.#stored.histories(open.map(({ id }) => id));
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
    const states = await this.#stored.states(parts.map(({ id }) => id));
    const each = parts.map(({ model, id, lines }) => {
      const elements = JSON.stringify(states.get(id)?.elements);
      return `${model.key}\n  expected ${expected.get(id)?.join('; ')}\n  found    ${lines.join('; ')}\n  with     ${elements}`;
    });
    return [...each, ...this.#world.warnings].join('\n');
  }
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
    const command = readCommand(line);
    const isScript = command.name === 'complete' && hasOwnWork(model, command.node);
    if (isScript || command.name === 'childundone') continue;
    commands.push({ ...command, expected: [] });
  }
  return commands;
}

/** A script of a drawing is evaluated by the node itself. */
function hasOwnWork(model: ProcessModel, id: string): boolean {
  const node = model.nodes[id];
  return node?.type === 'serviceTask' && node.input === undefined;
}
