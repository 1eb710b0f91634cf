/**
 * The drawings of one node: deploys those of people and those that the program brings, and learns of what
 * other nodes deployed, by a notice and by looking. A version that was learnt is never forgotten.
 */
import { setImmediate as othersWork } from 'node:timers/promises';
import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/procedure.ts';
import type { Transaction } from '../../kernel/transaction.ts';
import type { Database } from '../../postgres/index.ts';
import type { BusinessCalendar } from '../model/human-work.ts';
import type { ProcessModel } from '../model/process-model.ts';
import type { ProcessRegistry } from '../runtime/process-registry.ts';
import type { ScriptRunner } from '../scripts/script-runner.ts';
import {
  areDrawingsNew,
  type DeployedFile,
  type DeployedVersion,
  deployDrawings,
  expectDrawingsKnown,
  isDeploymentNotKnown,
  readDrawings,
} from '../store/drawing-store.ts';
import { problemText } from '../xml/file-problem.ts';
import {
  type CompiledDrawing,
  type CompileOptions,
  compileDrawing,
  type DrawingFile,
  withVersion,
} from './compile-drawing.ts';
import type { DrawingProblem } from './problem.ts';

/** Drawings that one statement reads. */
const drawingsPerRead = 100;

/** What a keeper is made of. */
export interface DrawingKeeperOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly registry: ProcessRegistry;
  readonly log: Log;
  readonly knowsProcedure: (name: string) => boolean;
  /** Runs scripts in JavaScript; absent: they are refused. */
  readonly scripts?: ScriptRunner | undefined;
  /** Business calendars that drawings may name. */
  readonly calendars?: readonly BusinessCalendar[];
  /** New versions are known here: what waited for them may go on. */
  readonly learnt: () => Promise<void>;
  /** Tells other nodes of a deployment that is committed. */
  readonly tell: () => void;
}

/** A deployment that can be written, or what is wrong with its files. */
export type PreparedDeployment =
  | { readonly files: readonly DeployedFile[] }
  | { readonly problems: readonly DrawingProblem[] };

/** Keeps the drawings of a node. */
export class DrawingKeeper {
  readonly #options: DrawingKeeperOptions;
  readonly #code: ReadonlySet<string>;
  /** Of the last drawing that was read. */
  #read = '0';
  /** All drawings up to this one are known to the registry. */
  #known = '0';
  #looking: Promise<void> | undefined;

  constructor(options: DrawingKeeperOptions) {
    this.#options = options;
    this.#code = new Set(options.registry.all().map(({ key }) => key));
  }

  /** Deploys what the program brings, and learns of all that was deployed. Throws when one is wrong. */
  async start(shipped: readonly DrawingFile[]): Promise<void> {
    const { database } = this.#options;
    const compiled = new Map<string, readonly ProcessModel[]>();
    if (shipped.length > 0) {
      const prepared = await this.prepare(shipped);
      if ('problems' in prepared) {
        const lines = prepared.problems.map(problemText).join('\n- ');
        throw new Error(`drawings of the program cannot be deployed:\n- ${lines}`);
      }
      for (const { xml, delegates, models } of prepared.files) {
        if (!delegates) compiled.set(xml, models);
      }
      await database.transaction((tx) => this.#write(tx, prepared.files, 'program'));
    }
    await this.#readNew(compiled);
  }

  /** Reads and checks files, all of them. */
  async prepare(
    files: readonly DrawingFile[],
    more: Pick<CompileOptions, 'knowsDecision'> = {},
  ): Promise<PreparedDeployment> {
    const options = { ...this.#compileOptions, ...more };
    const compiled: (CompiledDrawing & { readonly file: DrawingFile })[] = [];
    for (const file of files) {
      compiled.push({ file, ...(await compileDrawing(file, options)) });
      await othersWork();
    }
    const problems = compiled.flatMap((one) => [...one.problems, ...this.#takenKeys(one)]);
    if (problems.length > 0) return { problems };
    return { files: compiled.map(({ file, models }) => ({ ...file, models })) };
  }

  /** Writes a deployment; every node learns of it once that commits. */
  async deploy(
    tx: Transaction,
    files: readonly DeployedFile[],
    by: string,
  ): Promise<readonly DeployedVersion[]> {
    const deployed = await this.#write(tx, files, by);
    tx.afterCommit(() => {
      this.#options.tell();
      void this.look();
    });
    return deployed;
  }

  /** Learns of what was deployed since the last look. Never rejects; one look at a time. */
  async look(): Promise<void> {
    const before = this.#looking;
    const own = (async () => {
      await before;
      try {
        if (await this.#readNew()) await this.#options.learnt();
      } catch (error) {
        this.#options.log.warn({ error }, 'deployed drawings could not be read; tried again soon');
      }
    })();
    this.#looking = own;
    await own;
  }

  /**
   * Learns of what was deployed since the last look, for somebody who needs it to go on. What waited for it
   * goes on beside, since it may need what the asker holds. Never rejects.
   */
  async learn(): Promise<void> {
    const { learnt, log } = this.#options;
    const failed = (error: unknown) =>
      log.warn({ error }, 'deployed drawings could not be read; tried again soon');
    try {
      if (await this.#readNew()) void learnt().catch(failed);
    } catch (error) {
      failed(error);
    }
  }

  /**
   * The transaction is to commit only if this node knows every drawing that is deployed by then. To be
   * called before the registry is asked who waits for a fact: what it is told counts from here on.
   */
  expectKnown(tx: Transaction): void {
    expectDrawingsKnown(tx, this.#known);
  }

  /**
   * True when a transaction failed because of `expectKnown`; what was missing is learnt by then, so that
   * it can be run again.
   */
  async hasLearntAfter(error: unknown): Promise<boolean> {
    if (!isDeploymentNotKnown(error)) return false;
    await this.look();
    return true;
  }

  /** For a fact that has no transaction: learns of what is deployed now. */
  async catchUp(): Promise<void> {
    if (await areDrawingsNew(this.#options.database, this.#known)) await this.look();
  }

  get #compileOptions(): CompileOptions {
    const { registry, knowsProcedure, calendars = [], scripts } = this.#options;
    return {
      scripts,
      knowsProcedure,
      calendar: (name) => calendars.find((one) => one.name === name),
      code: (process, version) => registry.find(process, version),
    };
  }

  async #write(db: Transaction, files: readonly DeployedFile[], by: string) {
    return await deployDrawings(db, files, { by, at: this.#options.clock.now() });
  }

  /** A process is either code or a drawing: else the versions of the two would meet. */
  #takenKeys({
    file,
    models,
  }: CompiledDrawing & { readonly file: DrawingFile }): readonly DrawingProblem[] {
    return models
      .filter(({ key }) => this.#code.has(key))
      .map(({ key }) => ({
        file: file.name,
        line: 0,
        element: key,
        rule: 'key-taken' as const,
        message: `expected the id of a process that is not written in code, found "${key}"`,
        remedy: 'give the process in the drawing another id',
      }));
  }

  /** True when anything was new. */
  async #readNew(
    /** Models by content, of drawings that were compiled just now. */
    known: ReadonlyMap<string, readonly ProcessModel[]> = new Map(),
  ): Promise<boolean> {
    const { database, registry, log } = this.#options;
    let isNew = false;
    for (;;) {
      let read = this.#read;
      const rows = await readDrawings(database, read, drawingsPerRead);
      const models: ProcessModel[] = [];
      for (const { process, version, number, name, xml, delegates } of rows) {
        const file = { name, xml, ...(delegates ? { delegates } : {}) };
        const code = this.#compileOptions.code;
        const scripts = this.#options.scripts ?? 'off';
        const own = delegates ? undefined : known.get(xml);
        const compiled = own
          ? { models: own, problems: [] }
          : await compileDrawing(file, { scripts, ...(code ? { code } : {}) });
        if (!own) await othersWork();
        const model = compiled.models.find(({ key }) => key === process);
        if (model) models.push(withVersion(model, version));
        else {
          const problems = compiled.problems.map(problemText);
          log.error(
            { process, version, problems },
            'a deployed drawing cannot be read by this program; its instances stay where they are',
          );
        }
        read = number;
      }
      registry.add(models);
      // Of two who read at the same time the later one knows more.
      if (BigInt(read) > BigInt(this.#read)) this.#read = read;
      this.#known = this.#read;
      isNew ||= models.length > 0;
      if (rows.length < drawingsPerRead) return isNew;
    }
  }
}
