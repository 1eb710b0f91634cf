/**
 * The processes that this program knows: every deployed version, and which messages start or move
 * them. A message of a name that no process is interested in costs nothing.
 */
import { signatureOf } from '../model/correlation.ts';
import { definitionsIn } from '../model/event-definitions.ts';
import type {
  FlowNode,
  MessageEventDefinition,
  ProcessModel,
  StartEvent,
} from '../model/process-model.ts';

/** A start event at the top of a process's newest version, and which of its definitions is meant. */
export interface Start {
  readonly model: ProcessModel;
  readonly start: StartEvent;
  /** Index of the definition, when the event has several. */
  readonly part?: number;
}

/** What processes want of a message name. */
export interface Interests {
  readonly starts: readonly Start[];
  /** Distinct sets of correlation fields, by process. */
  readonly waits: readonly { readonly process: string; readonly signature: string }[];
}

const none: Interests = { starts: [], waits: [] };

/** Every process version of this program, looked up by name and by message. */
export class ProcessRegistry {
  readonly #models = new Map<string, Map<number, ProcessModel>>();
  #interests = new Map<string, Interests>();
  #signals = new Map<string, readonly Start[]>();

  constructor(models: readonly ProcessModel[]) {
    for (const model of models) {
      const versions = this.#models.get(model.key) ?? new Map<number, ProcessModel>();
      if (versions.has(model.version)) {
        throw new Error(
          `process "${model.key}" version ${model.version} is given twice; raise the version of one`,
        );
      }
      versions.set(model.version, model);
      this.#models.set(model.key, versions);
    }
    this.#collect();
  }

  #collect(): void {
    this.#interests = collectInterests(this.#models);
    this.#signals = collectSignals(this.#models);
  }

  /** Takes in versions that were not there before; from here on they are known as all others. */
  add(models: readonly ProcessModel[]): void {
    const added = models.filter(({ key, version }) => !this.find(key, version));
    if (added.length === 0) return;
    for (const model of added) {
      const versions = this.#models.get(model.key) ?? new Map<number, ProcessModel>();
      this.#models.set(model.key, versions.set(model.version, model));
    }
    this.#collect();
  }

  /** The exact version; undefined when this program does not have it. */
  find(process: string, version: number): ProcessModel | undefined {
    return this.#models.get(process)?.get(version);
  }

  /** The newest version; undefined when the process is unknown. */
  newest(process: string): ProcessModel | undefined {
    return newestOf(this.#models.get(process));
  }

  /** Every version of every process. */
  all(): readonly ProcessModel[] {
    return [...this.#models.values()].flatMap((versions) => [...versions.values()]);
  }

  interests(message: string): Interests {
    return this.#interests.get(message) ?? none;
  }

  /** What begins when a signal of this name is broadcast. */
  signalStarts(signal: string): readonly Start[] {
    return this.#signals.get(signal) ?? [];
  }

  /** What begins by a condition. */
  conditionalStarts(): readonly Start[] {
    return [...this.#models.values()].flatMap((versions) => {
      const model = newestOf(versions);
      return [...(model ? startsOf(model) : [])].filter(
        ({ definition }) => definition.type === 'conditional',
      );
    });
  }
}

function newestOf(versions: ReadonlyMap<number, ProcessModel> | undefined) {
  let newest: ProcessModel | undefined;
  for (const model of versions?.values() ?? []) {
    if (!newest || model.version > newest.version) newest = model;
  }
  return newest;
}

/** The definitions of the start events by which a process begins. */
function* startsOf(model: ProcessModel) {
  for (const start of Object.values(model.nodes)) {
    if (start.type !== 'startEvent' || start.parent !== null) continue;
    const several = start.event?.type === 'multiple';
    for (const [part, definition] of definitionsIn(start.event).entries()) {
      yield { model, start, definition, ...(several ? { part } : {}) };
    }
  }
}

function collectSignals(models: ReadonlyMap<string, ReadonlyMap<number, ProcessModel>>) {
  const signals = new Map<string, Start[]>();
  for (const versions of models.values()) {
    const newest = newestOf(versions);
    for (const { definition, ...start } of newest ? startsOf(newest) : []) {
      if (definition.type !== 'signal') continue;
      signals.set(definition.signal, [...(signals.get(definition.signal) ?? []), start]);
    }
  }
  return signals;
}

function collectInterests(models: ReadonlyMap<string, ReadonlyMap<number, ProcessModel>>) {
  const interests = new Map<string, { starts: Start[]; waits: Set<string> }>();
  const of = (message: string) => {
    const known = interests.get(message) ?? { starts: [], waits: new Set<string>() };
    interests.set(message, known);
    return known;
  };
  for (const versions of models.values()) {
    const newest = newestOf(versions);
    for (const { definition, ...start } of newest ? startsOf(newest) : []) {
      if (definition.type === 'message') of(definition.message).starts.push(start);
    }
    for (const model of versions.values()) {
      for (const node of Object.values(model.nodes)) {
        for (const message of messagesOf(node)) {
          const signature = signatureOf(message.correlation.map(({ field }) => field));
          of(message.message).waits.add(JSON.stringify([model.key, signature]));
        }
      }
    }
  }
  return new Map(
    [...interests].map(([message, { starts, waits }]) => [
      message,
      {
        starts,
        waits: [...waits].map((text) => {
          const [process = '', signature = ''] = JSON.parse(text) as string[];
          return { process, signature };
        }),
      },
    ]),
  );
}

/** Messages that an instance may wait for at a node. */
function messagesOf(node: FlowNode): readonly MessageEventDefinition[] {
  if (node.type === 'receiveTask' || node.type === 'userTask') return node.messages;
  const isThrown = node.type === 'endEvent' || node.type === 'intermediateThrowEvent';
  if (!('event' in node) || isThrown) return [];
  // What begins a process is waited for only where other things must have happened, too.
  if (node.type === 'startEvent' && node.parent === null && !gathers(node)) return [];
  return definitionsIn(node.event).filter((one) => one.type === 'message');
}

/** True for a start event whose instance waits for more than what began it. */
export function gathers({ event, together = [] }: StartEvent): boolean {
  return together.length > 0 || (event?.type === 'multiple' && event.parallel);
}
