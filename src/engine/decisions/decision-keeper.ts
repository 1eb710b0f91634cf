/**
 * The decisions of a node: reads and deploys files, and evaluates what is deployed. Which version is the
 * newest is asked of the database each time; files that were read are kept, the last used ones.
 */
import type { Variables } from '../model/expression.ts';
import type { Statements } from '../store/commit-group.ts';
import {
  type DeployedDecision,
  type DeployedDecisionFile,
  deployDecisions,
  findDecision,
  readDecisionFile,
} from '../store/decision-store.ts';
import { type DecisionGraph, type DecisionOutcome, evaluateGraph } from './decision-graph.ts';
import type { DecisionProblem } from './decision-problem.ts';
import { DecisionError } from './decision-problem.ts';
import { type DecisionFile, readDecisions } from './read-decisions.ts';

/** Texts of FEEL that are kept ready, of all files; each takes about 12 kB. */
const mostWeight = 10_000;
/** What a file counts besides. */
const weightOfFile = 20;

/** Files that can be deployed, or what is wrong with them. */
export type PreparedDecisions =
  | { readonly files: readonly DeployedDecisionFile[] }
  | { readonly problems: readonly DecisionProblem[] };

/** Keeps the decisions of a node. */
export class DecisionKeeper {
  /** The last used is at the end. */
  readonly #graphs = new Map<string, DecisionGraph>();
  #weight = 0;

  /** Reads and checks files, all of them. */
  async prepare(files: readonly DecisionFile[]): Promise<PreparedDecisions> {
    const prepared: DeployedDecisionFile[] = [];
    const problems: DecisionProblem[] = [];
    for (const file of files) {
      const read = await readDecisions(file);
      if ('problems' in read) problems.push(...read.problems);
      else {
        const decisions = [...read.graph.decisions.values()];
        prepared.push({ ...file, decisions: decisions.map(({ id, name }) => ({ id, name })) });
      }
    }
    return problems.length > 0 ? { problems } : { files: prepared };
  }

  /** Writes a deployment. */
  async deploy(
    db: Statements,
    files: readonly DeployedDecisionFile[],
    by: { readonly by: string; readonly at: Date },
  ): Promise<readonly DeployedDecision[]> {
    return await deployDecisions(db, files, by);
  }

  /**
   * Evaluates the newest version of a decision, or an exact one; null when there is none. Throws a
   * `DecisionError` when it has no result with these variables.
   */
  async evaluate(
    db: Statements,
    asked: {
      readonly decision: string;
      readonly version: number | null;
      readonly variables: Variables;
      readonly at: Date;
    },
  ): Promise<(DecisionOutcome & { readonly version: number }) | null> {
    const found = await findDecision(db, asked.decision, asked.version);
    if (!found) return null;
    const graph = await this.#graph(db, found.digest);
    const outcome = evaluateGraph(graph, asked.decision, asked.variables, asked.at.getTime());
    return { ...outcome, version: found.version };
  }

  async #graph(db: Statements, digest: string): Promise<DecisionGraph> {
    const known = this.#graphs.get(digest);
    if (known) {
      this.#graphs.delete(digest);
      this.#graphs.set(digest, known);
      return known;
    }
    const file = await readDecisionFile(db, digest);
    const read = await readDecisions(file ?? { name: '', xml: '' });
    if ('problems' in read) {
      throw new DecisionError(
        'decision',
        `expected a deployed file of decisions that this program can read, found: ${read.problems[0]?.message}`,
      );
    }
    this.#keep(digest, read.graph);
    return read.graph;
  }

  #keep(digest: string, graph: DecisionGraph): void {
    if (this.#graphs.has(digest)) return;
    this.#graphs.set(digest, graph);
    this.#weight += graph.weight + weightOfFile;
    for (const [oldest, { weight }] of this.#graphs) {
      if (this.#weight <= mostWeight || this.#graphs.size === 1) return;
      this.#graphs.delete(oldest);
      this.#weight -= weight + weightOfFile;
    }
  }
}
