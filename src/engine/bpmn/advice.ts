/**
 * What could be drawn better: warnings of bpmnlint, said by its own rules (`bpmnlint-rules.ts` says which). They
 * refuse nothing, and are looked for only where somebody asks.
 */
import type { ModdleElement } from 'bpmn-moddle';
import { type AdviceRule, bpmnlintRules } from './bpmnlint-rules.ts';
import { elementOf, elementsOf, kindOf } from './moddle-values.ts';
import type { DrawingProblem } from './problem.ts';

/** Larger drawings are checked, but not advised: some of the rules compare each element with each other one. */
const mostElements = 3_000;
/** After so many, one more tells nobody anything new. */
const mostWarnings = 200;

interface Report {
  readonly id?: string;
  readonly message: string;
}

/** What bpmnlint would say of a file that was read; nothing where one of its rules fails. */
export async function adviceOf(
  definitions: ModdleElement,
  place: { readonly file: string; readonly lines: ReadonlyMap<string, number> },
): Promise<readonly DrawingProblem[]> {
  if (place.lines.size > mostElements) return [];
  for (const root of elementsOf(definitions, 'rootElements')) noteFlows(root);
  const found = await reportsOf(definitions);
  const hasDiagram = Array.isArray(definitions.diagrams) && definitions.diagrams.length > 0;
  const warnings: DrawingProblem[] = [];
  for (const [rule, reports] of Object.entries(found)) {
    const known = bpmnlintRules[rule as AdviceRule];
    if (known?.as !== 'warning') continue;
    // A file without any diagram is told of once.
    const isBare = rule === 'no-bpmndi' && !hasDiagram;
    for (const { id = '', message } of isBare ? reports.slice(0, 1) : reports) {
      warnings.push({
        file: place.file,
        line: isBare ? 0 : (place.lines.get(id) ?? 0),
        element: isBare ? '' : id,
        rule: rule as AdviceRule,
        message: isBare ? 'The file has no diagram' : message,
        remedy: known.remedy,
      });
    }
  }
  return warnings.toSorted((a, b) => a.line - b.line).slice(0, mostWarnings);
}

/** Its rules look at the flows that an element lists itself, which tools may leave out. */
function noteFlows(container: ModdleElement): void {
  for (const element of elementsOf(container, 'flowElements')) {
    noteFlows(element);
    if (kindOf(element) !== 'sequenceFlow') continue;
    for (const [end, list] of [
      ['sourceRef', 'outgoing'],
      ['targetRef', 'incoming'],
    ] as const) {
      const node = elementOf(element, end);
      if (!node) continue;
      const listed = elementsOf(node, list);
      if (!listed.includes(element)) node[list] = [...listed, element];
    }
  }
}

async function reportsOf(
  definitions: ModdleElement,
): Promise<Readonly<Record<string, readonly Report[]>>> {
  // It is asked for by people who look at a file, and by nothing that runs.
  const { Linter } = (await import('bpmnlint')).default;
  const names = Object.entries(bpmnlintRules).flatMap(([name, { as }]) =>
    as === 'warning' ? [name] : [],
  );
  const linter = new Linter({
    config: { rules: Object.fromEntries(names.map((name) => [name, 'warn'])) },
    resolver: {
      resolveRule: async (_, name) =>
        ((await import(`bpmnlint/rules/${name}.js`)) as { readonly default: unknown }).default,
      resolveConfig: () => null,
    },
  });
  const results = await linter.lint(definitions);
  return Object.fromEntries(
    Object.entries(results).map(([rule, reports]) => [
      rule,
      reports.filter(({ category }) => category === 'warn'),
    ]),
  );
}
