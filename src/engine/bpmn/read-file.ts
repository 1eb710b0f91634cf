/** Reads a file as BPMN, and notes everything in it that the standard does not know. */
import { BpmnModdle, type ModdleElement, type ModdleWarning } from 'bpmn-moddle';
import { extension } from './extension.ts';
import { Report } from './report.ts';
import type { RuleName } from './rules.ts';
import { bpmnNamespace, scanXml } from './scan-xml.ts';

/** A file as it was handed in. */
export interface DrawingFile {
  /** Name for people; never opened. */
  readonly name: string;
  readonly xml: string;
  /** Procedures by the Java class, bean or expression that stands for them in drawings of other engines. */
  readonly delegates?: Readonly<Record<string, string>>;
}

/** The definitions of a file; null when it could not be read. */
export async function readFile(
  file: DrawingFile,
): Promise<{ readonly definitions: ModdleElement | null; readonly report: Report }> {
  const scan = scanXml(file.name, file.xml);
  const report = new Report(file.name, scan.lines, scan.problems);
  if (scan.isFatal) return { definitions: null, report };
  try {
    const { rootElement, warnings } = await reader().fromXML(file.xml);
    for (const warning of warnings) noteWarning(warning, report, scan.lines);
    if (rootElement.$type === 'bpmn:Definitions') return { definitions: rootElement, report };
    malformed(report, `a ${rootElement.$type}`);
  } catch (error) {
    malformed(report, error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'an error');
  }
  return { definitions: null, report };
}

let known: BpmnModdle | undefined;
/** One for all files: it keeps nothing of a file, and what it learns of the standard's types costs most. */
function reader(): BpmnModdle {
  // It writes into the descriptors that it is given.
  known ??= new BpmnModdle({ orderloom: structuredClone(extension) });
  return known;
}

function malformed(report: Report, found: string): void {
  report.add(
    'xml-malformed',
    '',
    `expected definitions of ${bpmnNamespace}, found ${found}`,
    'hand in a file of BPMN 2.0',
  );
}

/** moddle goes on after what it cannot read; here that is a problem. */
function noteWarning(
  { message, element, property, value }: ModdleWarning,
  report: Report,
  lines: ReadonlyMap<string, number>,
): void {
  if (element && value !== undefined && message.startsWith('unresolved')) {
    report.add(
      'reference-missing',
      element,
      `expected "${property?.replace(/^.*:/, '')}" to name an element of the file, found "${value}"`,
      'mend the reference, or add what it names',
    );
    return;
  }
  const line = Number(/\n\tline: (\d+)/.exec(message)?.[1] ?? -1) + 1;
  const nested = /nested error: ([^\n]*)/.exec(message)?.[1] ?? message.split('\n')[0] ?? message;
  // An attribute that the standard does not know is told with its element.
  if (nested.startsWith('unknown attribute')) return;
  const duplicate = /duplicate ID <(.*)>/.exec(nested)?.[1];
  const illegal = /illegal ID <(.*)>/.exec(nested)?.[1];
  if (illegal !== undefined) {
    report.addAt(
      'id-invalid',
      { element: illegal, line },
      `expected an id of letters, digits, dots, hyphens and underscores, found "${illegal}"`,
      'give it such an id',
    );
    return;
  }
  const rule: RuleName = duplicate === undefined ? 'element-unknown' : 'id-duplicate';
  report.addAt(
    rule,
    { element: duplicate ?? nearest(lines, line), line },
    duplicate === undefined
      ? `expected elements of the standard, found: ${nested}`
      : `expected every id once, found "${duplicate}" again`,
    duplicate === undefined ? 'mend its name, or take it out' : 'give one of the two another id',
  );
}

function nearest(lines: ReadonlyMap<string, number>, line: number): string {
  let found = '';
  for (const [id, at] of lines) if (at <= line) found = id;
  return found;
}

/** Root elements that only others refer to, or that are for people. */
export const inertRoots: ReadonlySet<string> = new Set([
  ...['message', 'error', 'signal', 'escalation', 'category', 'itemDefinition', 'collaboration'],
  ...['dataStore', 'process', 'correlationProperty'],
]);
