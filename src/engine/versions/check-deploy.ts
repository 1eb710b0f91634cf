/**
 * The gate before a deployment: looks at every open instance with the candidate's code and says which
 * would break and why. Reads only; pages of instances, so that its memory does not grow with them.
 *
 * An instance stays on its version, so the candidate must have that version, with the structure that
 * was deployed; the instance's elements, variables and waits must be what the candidate's code takes
 * for certain. Its history is played again as well: where the candidate would have gone another way,
 * that is told, though the instance itself goes on from where it stands.
 */
import type { DrawingProblem } from '../bpmn/problem.ts';
import type { ProcessModel } from '../model/process-model.ts';
import type { Wait } from '../model/state.ts';
import { digestOf, structureOf } from '../model/structure.ts';
import { ProcessRegistry } from '../runtime/process-registry.ts';
import type { Statements } from '../store/commit-group.ts';
import { problemText } from '../xml/file-problem.ts';
import type { DeployedDrawing } from './deployed-drawings.ts';
import { FindingGroups, type GroupOfFindings } from './finding-groups.ts';
import { type Fitted, Fitting } from './fit-instance.ts';
import { NodesAhead } from './nodes-ahead.ts';
import {
  type OpenInstance,
  readDefinition,
  readOpenInstances,
  readTransitions,
} from './open-instances.ts';
import type { Problem } from './problem.ts';
import { type RecordedTransition, replay } from './replay.ts';

/** What a check is made of. */
export interface CheckDeployOptions {
  readonly db: Statements;
  /** Every version of every process that the candidate has in code. */
  readonly candidate: readonly ProcessModel[];
  /** The database's drawings as the candidate reads them. @defaultValue none */
  readonly drawings?: readonly DeployedDrawing[];
  /** The moment that is taken for now. */
  readonly now: Date;
  /** Ids kept of each group. @defaultValue 5 */
  readonly samples?: number;
  /** Told after each page how many instances were looked at. */
  readonly onProgress?: (checked: number) => void;
}

/** What was found. The candidate may be deployed when `breaks` is empty. */
export interface DeployReport {
  /** Open instances that were looked at. */
  readonly checked: number;
  /** Of them, how many would break. */
  readonly broken: number;
  /** Whose history the candidate plays again without a difference. */
  readonly replayed: number;
  /** Whose history cannot be played again; `unreplayed` says why. */
  readonly notReplayed: number;
  readonly breaks: readonly GroupOfFindings[];
  /** Instances that go on, although the candidate would have brought them another way. */
  readonly differs: readonly GroupOfFindings[];
  /**
   * Instances whose history says nothing about the candidate, by the reason: `VERSION_MISSING`,
   * `HISTORY_TOO_LONG`, `HISTORY_OF_SEVERAL_VERSIONS` or an `UnreadableCode`. Their present state was looked at.
   */
  readonly unreplayed: readonly GroupOfFindings[];
}

const pageSize = 100;
/** Transitions of one instance that are played again; what comes after them is not. */
const longestReplay = 300;

/** Checks a candidate against all open instances. */
export async function checkDeploy(options: CheckDeployOptions): Promise<DeployReport> {
  const check = new DeployCheck(options);
  // A database that no program has used yet has nothing that could break.
  if (!(await hasEngine(options.db))) return check.report;
  for (let after: string | null = null; ; ) {
    const page: readonly OpenInstance[] = await readOpenInstances(options.db, {
      after,
      limit: pageSize,
    });
    await check.look(page);
    options.onProgress?.(check.report.checked);
    const last = page.at(-1);
    if (!last || page.length < pageSize) return check.report;
    after = last.id;
  }
}

async function hasEngine(db: Statements): Promise<boolean> {
  const { rows } = await db.query<{ name: string | null }>(
    "select to_regclass('engine.instance')::text as name",
  );
  return rows[0]?.name != null;
}

interface Candidate {
  readonly model: ProcessModel | undefined;
  /** Of the instance's version to the model; null when the version is not there. */
  readonly fitting: Fitting | null;
  readonly isChanged: boolean;
  /** To the newest version, when the instance's own is not there. */
  readonly way: { readonly to: ProcessModel; readonly fitting: Fitting } | null;
  /** Why the candidate cannot read its drawing, when that is so. */
  readonly unreadable?: DrawingProblem | undefined;
  /** What its drawing needs and the candidate lacks, with a way to tell whose business it still is. */
  readonly lacks?: { readonly problems: readonly DrawingProblem[]; readonly ahead: NodesAhead };
}

class DeployCheck {
  readonly #options: CheckDeployOptions;
  readonly #registry: ProcessRegistry;
  readonly #drawings: ReadonlyMap<string, DeployedDrawing>;
  readonly #candidates = new Map<string, Promise<Candidate>>();
  readonly #breaks: FindingGroups;
  readonly #differs: FindingGroups;
  readonly #unreplayed: FindingGroups;
  #checked = 0;
  #broken = 0;
  #replayed = 0;
  #notReplayed = 0;

  constructor(options: CheckDeployOptions) {
    this.#options = options;
    const drawings = options.drawings ?? [];
    const drawn = drawings.flatMap(({ model }) => model ?? []);
    this.#registry = new ProcessRegistry([...options.candidate, ...drawn]);
    this.#drawings = new Map(drawings.map((one) => [`${one.process} ${one.version}`, one]));
    this.#breaks = new FindingGroups(options.samples ?? 5);
    this.#differs = new FindingGroups(options.samples ?? 5);
    this.#unreplayed = new FindingGroups(options.samples ?? 5);
  }

  get report(): DeployReport {
    return {
      checked: this.#checked,
      broken: this.#broken,
      replayed: this.#replayed,
      notReplayed: this.#notReplayed,
      breaks: this.#breaks.list(),
      differs: this.#differs.list(),
      unreplayed: this.#unreplayed.list(),
    };
  }

  async look(page: readonly OpenInstance[]): Promise<void> {
    const ids = page.map(({ id }) => id);
    const histories = await readTransitions(this.#options.db, ids, longestReplay + 1);
    for (const instance of page) {
      const candidate = await this.#candidateFor(instance);
      const problems = this.#problemsOf(instance, candidate);
      this.#checked += 1;
      if (problems.length > 0) this.#broken += 1;
      // One instance counts once in each group, however many of its elements are meant.
      for (const problem of distinct(problems)) this.#breaks.add(instance, problem);
      if (candidate.model) {
        this.#replay(instance, candidate.model, histories.get(instance.id) ?? []);
      } else {
        const message = 'the candidate does not have the version that it is on';
        this.#leaveOut(instance, { code: 'VERSION_MISSING', element: '', message });
      }
    }
  }

  #candidateFor({ process, version }: OpenInstance): Promise<Candidate> {
    const key = `${process} ${version}`;
    let known = this.#candidates.get(key);
    if (!known) {
      known = this.#makeCandidate(process, version);
      this.#candidates.set(key, known);
    }
    return known;
  }

  async #makeCandidate(process: string, version: number): Promise<Candidate> {
    const model = this.#registry.find(process, version);
    const deployed = await readDefinition(this.#options.db, process, version);
    const problems = this.#drawings.get(`${process} ${version}`)?.problems ?? [];
    if (model) {
      const isChanged = deployed !== null && deployed.digest !== digestOf(model);
      const fitting = new Fitting(deployed?.structure ?? structureOf(model), model);
      const lacks = { problems, ahead: new NodesAhead(model) };
      return { model, fitting, isChanged, way: null, ...(problems.length > 0 ? { lacks } : {}) };
    }
    const newest = this.#registry.newest(process);
    const plan = newest?.migrations?.[version];
    const way = newest &&
      deployed && { to: newest, fitting: new Fitting(deployed.structure, newest, plan) };
    const [unreadable] = problems;
    return { model, fitting: null, isChanged: false, way: way ?? null, unreadable };
  }

  #problemsOf(instance: OpenInstance, candidate: Candidate): readonly Problem[] {
    const now = this.#options.now.getTime();
    if (!candidate.model) return [this.#missing(instance, candidate, now)];
    const { fitting, isChanged, model } = candidate;
    const found: Problem[] = [
      ...(isChanged ? [changed(model)] : []),
      ...proceduresMissing(instance, candidate),
    ];
    if (!fitting) return found;
    const fitted = fitting.carry(instance.state, now);
    return [...found, ...fitted.problems, ...waitProblems(instance, fitted)];
  }

  #missing(
    { process, version, state }: OpenInstance,
    { way, unreadable }: Candidate,
    now: number,
  ): Problem {
    if (unreadable) {
      const message = `the candidate cannot read its drawing: ${problemText(unreadable)}`;
      return { code: 'DRAWING_UNREADABLE', element: unreadable.element, message };
    }
    const missing = `the candidate does not have version ${version} of process "${process}"`;
    const keep = 'keep that version in the list of workflows until its instances have ended';
    if (!way) {
      return { code: 'VERSION_MISSING', element: '', message: `${missing}; ${keep}` };
    }
    const { problems } = way.fitting.carry(state, now);
    const [first] = problems;
    const move = `orderloom migrate ${process} --from ${version} --to ${way.to.version}`;
    const message = first
      ? `${missing}, and the instance does not fit version ${way.to.version} (${first.code} at ` +
        `"${first.element}"); ${keep}, or say how it fits with .migrateFrom(${version}, ...)`
      : `${missing}; ${keep}, or deploy both and move them: ${move}`;
    return { code: 'VERSION_MISSING', element: first?.element ?? '', message };
  }

  #leaveOut(instance: OpenInstance, why: Parameters<FindingGroups['add']>[1]): void {
    this.#notReplayed += 1;
    this.#unreplayed.add(instance, why);
  }

  #replay(
    instance: OpenInstance,
    model: ProcessModel,
    history: readonly RecordedTransition[],
  ): void {
    const moved = history
      .flatMap(({ entries }) => entries)
      .find(({ kind }) => kind === 'process.migrated');
    if (moved) {
      const message = `it was moved from another version (entry ${moved.seq}), so several have written its history`;
      this.#leaveOut(instance, { code: 'HISTORY_OF_SEVERAL_VERSIONS', element: '', message });
      return;
    }
    if (history.length > longestReplay) {
      const message = `it has more than ${longestReplay} transitions, of which no more are played again`;
      this.#leaveOut(instance, { code: 'HISTORY_TOO_LONG', element: '', message });
      return;
    }
    const kept = history.at(-1)?.entries.at(-1)?.seq ?? 0;
    if (kept < instance.state.seq - 1) {
      const message = `its history is kept up to entry ${kept} of ${instance.state.seq - 1} only`;
      this.#leaveOut(instance, { code: 'HISTORY_DROPPED', element: '', message });
      return;
    }
    const result = replay(model, history);
    if (result.outcome === 'unreadable') {
      const { code, element, why } = result;
      this.#leaveOut(instance, { code, element, message: why });
      return;
    }
    this.#replayed += 1;
    if (result.outcome !== 'differs') return;
    const { recorded, candidate, element } = result;
    const message = `its history has "${recorded}", the candidate would have "${candidate}"`;
    this.#differs.add(instance, { code: 'HISTORY_DIFFERS', element, message });
  }
}

function proceduresMissing({ state }: OpenInstance, { lacks }: Candidate): readonly Problem[] {
  if (!lacks) return [];
  const ahead = lacks.ahead.of(state);
  return lacks.problems
    .filter(({ element }) => ahead.has(element))
    .map(({ element, message }) => ({
      code: 'PROCEDURE_MISSING',
      element,
      message:
        `its drawing may still come to "${element}": ${message}; keep the procedure ` +
        'until these instances have ended, or deploy a drawing without it and move them',
    }));
}

function changed({ key, version }: ProcessModel): Problem {
  const message =
    `version ${version} of process "${key}" has another structure than the one deployed, and the ` +
    `program refuses to start with it; give the changed process version ${version + 1} and keep ` +
    `version ${version} beside it`;
  return { code: 'STRUCTURE_CHANGED', element: '', message };
}

/** Rows of waits are kept as they were made; code that would now make others no longer meets them. */
function waitProblems({ state }: OpenInstance, fitted: Fitted): Problem[] {
  if (fitted.problems.length > 0) return [];
  const now = new Set(fitted.effects.waitsRemoved.map(({ n, on }) => `${n} ${on}`));
  return Object.values(state.elements).flatMap(({ n, waits = [] }) =>
    waits.flatMap((wait): Problem[] => {
      if (wait.kind === 'task' || !now.has(`${n} ${wait.on}`)) return [];
      const message =
        `it waits at "${wait.on}" for ${whatOf(wait)}, and the candidate's code would wait for something ` +
        'else; give the changed process a new version';
      return [{ code: 'WAIT_CHANGED', element: wait.on, message }];
    }),
  );
}

function whatOf(wait: Wait): string {
  if (wait.kind === 'message') return `message "${wait.message}" (${fieldsOf(wait.key)})`;
  if (wait.kind === 'signal') return `signal "${wait.signal}"`;
  return wait.kind === 'condition' ? 'a condition' : 'a timer';
}

/** Names of the fields of a key, without their values, so that instances fall into one group. */
function fieldsOf(key: string): string {
  return `by ${key.replace(/=[^&]*/g, '').replaceAll('&', ', ') || 'nothing'}`;
}

function distinct(problems: readonly Problem[]): readonly Problem[] {
  const seen = new Map(problems.map((one) => [`${one.code} ${one.element}`, one]));
  return [...seen.values()];
}
