/**
 * A graph of decisions, as one file draws it, and its evaluation: what a decision requires is made first,
 * each once. Pure: the same graph with the same values at the same moment gives the same.
 */
import { plainFeel } from '../expressions/feel.ts';
import { atMoment } from '../expressions/moment.ts';
import type { DecisionStep } from '../model/decision-step.ts';
import type { Variables } from '../model/expression.ts';
import { DecisionError } from './decision-problem.ts';
import { DecisionRun } from './decision-run.ts';
import { decideTable } from './decision-table.ts';
import { functionOf, plainLogic, type ReadLogic, typedOr } from './read-logic.ts';
import type { ItemTypes } from './value-types.ts';

/** Something that a decision is given. */
export interface InputData {
  readonly name: string;
  readonly type: string | undefined;
}

/** Logic that others call by its name. */
export interface Knowledge {
  readonly name: string;
  readonly parameters: readonly string[];
  readonly logic: ReadLogic;
  /** Ids of the knowledge that it calls itself. */
  readonly knowledge: readonly string[];
}

/** One decision. */
export interface Decision {
  readonly id: string;
  readonly name: string;
  /** What others know its result by. */
  readonly variable: string;
  readonly type: string | undefined;
  readonly logic: ReadLogic;
  /** Ids. */
  readonly decisions: readonly string[];
  readonly inputs: readonly string[];
  readonly knowledge: readonly string[];
}

/** All that one file has. Nothing in it requires itself. */
export interface DecisionGraph {
  readonly decisions: ReadonlyMap<string, Decision>;
  readonly inputs: ReadonlyMap<string, InputData>;
  readonly knowledge: ReadonlyMap<string, Knowledge>;
  readonly types: ItemTypes;
  /** Texts of FEEL in it: what it takes of memory. */
  readonly weight: number;
}

/** What became of an evaluation; all of it JSON. */
export interface DecisionOutcome {
  readonly result: unknown;
  /** The rows that the hit policy left, by the names of the outputs; of other logic one, by its variable. */
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly steps: readonly DecisionStep[];
}

/**
 * Evaluates a decision of a graph. `at`, in milliseconds since 1970, is what its logic sees as now. Throws a
 * `DecisionError` when it has no result with these values.
 */
export function evaluateGraph(
  graph: DecisionGraph,
  decision: string,
  given: Variables,
  at: number,
): DecisionOutcome {
  try {
    return atMoment(at, () => new GraphEvaluation(graph, given).outcomeOf(decision));
  } catch (error) {
    if (error instanceof DecisionError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new DecisionError(
      'decision',
      `expected decision "${decision}" to end, found: ${message}`,
    );
  }
}

interface Made {
  readonly value: unknown;
  readonly rows: DecisionOutcome['rows'];
}

class GraphEvaluation {
  readonly #graph: DecisionGraph;
  readonly #run: DecisionRun;
  readonly #made = new Map<string, Made>();

  constructor(graph: DecisionGraph, given: Variables) {
    this.#graph = graph;
    this.#run = new DecisionRun(given);
  }

  outcomeOf(id: string): DecisionOutcome {
    const { value, rows } = this.#make(id);
    const { steps } = this.#run;
    return plainFeel({ result: value, rows, steps }) as DecisionOutcome;
  }

  #make(id: string): Made {
    const known = this.#made.get(id);
    if (known) return known;
    const decision = this.#graph.decisions.get(id);
    if (!decision) throw new DecisionError('decision', `expected a decision "${id}", found none`);
    const made = this.#decide(decision);
    this.#made.set(id, made);
    return made;
  }

  #decide(decision: Decision): Made {
    const { id, name, logic, type } = decision;
    const run = this.#run;
    const { scope, seen } = this.#scopeOf(decision);
    const refuse = (expected: string) =>
      new DecisionError(
        'decision',
        `expected decision "${id}" to be ${expected}, found another value`,
      );
    if ('table' in logic) {
      const { result, inputs, matched, rows } = decideTable(logic.table, run, scope);
      const value = typedOr(result, type, this.#graph.types, refuse);
      run.note({ decision: id, name, inputs, matched, result: value });
      return { value, rows };
    }
    const value = typedOr(logic.logic(run, scope), type, this.#graph.types, refuse);
    run.check();
    run.note({ decision: id, name, inputs: seen, matched: null, result: value });
    return { value, rows: [{ [decision.variable]: value }] };
  }

  /** What the logic of a decision sees: all that was given, then what it requires. */
  #scopeOf(decision: Decision) {
    const inputs = decision.inputs.flatMap((id) => {
      const input = this.#graph.inputs.get(id);
      return input ? [[input.name, this.#given(input)] as const] : [];
    });
    const made = decision.decisions.flatMap((id) => {
      const required = this.#graph.decisions.get(id);
      return required ? [{ required, ...this.#make(id) }] : [];
    });
    const results = made.map(({ required, value }) => [required.variable, value] as const);
    const scope = {
      ...this.#run.given,
      // As Camunda has it: the outputs of a table that is required are known by their names, too.
      ...Object.fromEntries([
        ...made.flatMap(({ required, rows }) => outputsOf(required, rows)),
        ...inputs,
        ...results,
      ]),
      ...this.#functions(decision.knowledge),
    };
    const seen = [...inputs, ...results].map(([name, value]) => ({ name, value }));
    return { scope, seen };
  }

  #given({ name, type }: InputData): unknown {
    const { given } = this.#run;
    const value = Object.hasOwn(given, name) ? given[name] : null;
    return typedOr(
      value,
      type,
      this.#graph.types,
      (expected) =>
        new DecisionError('input', `expected "${name}" to be ${expected}, found another value`),
    );
  }

  #functions(ids: readonly string[]): Variables {
    const functions = ids.flatMap((id) => {
      const knowledge = this.#graph.knowledge.get(id);
      if (!knowledge) return [];
      const around = this.#functions(knowledge.knowledge);
      const logic = plainLogic(knowledge.logic);
      const made = functionOf(this.#run, knowledge.parameters, logic, around);
      return [[knowledge.name, made] as const];
    });
    return Object.fromEntries(functions);
  }
}

/** Each output by its name: its value, or all of them where several rows are left. */
function outputsOf({ logic }: Decision, rows: DecisionOutcome['rows']) {
  if (!('table' in logic)) return [];
  const { outputs, policy } = logic.table;
  const isList = policy === 'COLLECT' || policy.endsWith(' ORDER');
  return outputs.map(({ name }) => {
    const values = rows.map((row) => row[name] ?? null);
    return [name, isList ? values : (values[0] ?? null)] as const;
  });
}
