/**
 * The processes that this program knows: every deployed version, and which messages start or move
 * them. A message of a name that no process is interested in costs nothing.
 */
import { createHash } from 'node:crypto';
import { signatureOf } from '../model/correlation.ts';
import type {
  EventDefinitionModel,
  FlowNode,
  MessageEventDefinition,
  ProcessModel,
  StartEvent,
} from '../model/process-model.ts';
import { structureOf } from '../model/structure.ts';

/** What processes want of a message name. */
export interface Interests {
  /** Start events at the top of a process's newest version. */
  readonly starts: readonly { readonly model: ProcessModel; readonly start: StartEvent }[];
  /** Distinct sets of correlation fields, by process. */
  readonly waits: readonly { readonly process: string; readonly signature: string }[];
}

const none: Interests = { starts: [], waits: [] };

/** Every process version of this program, looked up by name and by message. */
export class ProcessRegistry {
  readonly #models = new Map<string, Map<number, ProcessModel>>();
  #interests = new Map<string, Interests>();

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
    this.#interests = collectInterests(this.#models);
  }

  /** Takes in versions that were not there before; from here on they are known as all others. */
  add(models: readonly ProcessModel[]): void {
    const added = models.filter(({ key, version }) => !this.find(key, version));
    if (added.length === 0) return;
    for (const model of added) {
      const versions = this.#models.get(model.key) ?? new Map<number, ProcessModel>();
      this.#models.set(model.key, versions.set(model.version, model));
    }
    this.#interests = collectInterests(this.#models);
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
}

function newestOf(versions: ReadonlyMap<number, ProcessModel> | undefined) {
  let newest: ProcessModel | undefined;
  for (const model of versions?.values() ?? []) {
    if (!newest || model.version > newest.version) newest = model;
  }
  return newest;
}

function collectInterests(models: ReadonlyMap<string, ReadonlyMap<number, ProcessModel>>) {
  const interests = new Map<
    string,
    { starts: Interests['starts'][number][]; waits: Set<string> }
  >();
  const of = (message: string) => {
    const known = interests.get(message) ?? { starts: [], waits: new Set<string>() };
    interests.set(message, known);
    return known;
  };
  for (const versions of models.values()) {
    const newest = newestOf(versions);
    for (const model of versions.values()) {
      for (const node of Object.values(model.nodes)) {
        if (node.type === 'startEvent' && node.parent === null) {
          const { event } = node;
          if (event?.type === 'message' && model === newest) {
            of(event.message).starts.push({ model, start: node });
          }
          continue;
        }
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

/** Messages that a node may wait for. */
function messagesOf(node: FlowNode): readonly MessageEventDefinition[] {
  if (node.type === 'receiveTask' || node.type === 'userTask') return node.messages;
  const event = 'event' in node ? (node.event as EventDefinitionModel | null) : null;
  return event?.type === 'message' ? [event] : [];
}

/** Digest of the structure: two models with the same digest can take over each other's instances. */
export function digestOf(model: ProcessModel): string {
  return createHash('sha256')
    .update(JSON.stringify(structureOf(model)))
    .digest('hex');
}
