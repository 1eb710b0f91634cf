/** A version of a process as a drawing that can be marked: its file, its shapes, and which flow of the model is which. */
import type { ModdleElement } from 'bpmn-moddle';
import { elementOf, elementsOf, idOf, kindOf, textOf } from '../bpmn/moddle-values.ts';
import { readFile } from '../bpmn/read-file.ts';
import { type Drawn, elementsWithin } from './drawn-elements.ts';
import { mostLaidOut } from './layout/lay-out-drawing.ts';
import { drawingsOf } from './read-diagram.ts';

/** A drawing, read. */
export interface DrawnVersion {
  readonly xml: string;
  readonly drawings: readonly Drawn[];
  /** Id of the drawing by id of the model; those that are the same are left out. */
  readonly flows: ReadonlyMap<string, string>;
}

/** Why there is no picture. */
export type Undrawable = { readonly unreadable: string } | { readonly elements: number };

/** Reads a file of BPMN as drawings of one of its processes, or of all; never throws for what is in it. */
export async function readDrawn(
  file: { readonly name: string; readonly xml: string },
  process?: string,
): Promise<DrawnVersion | Undrawable> {
  const { definitions, report } = await readFile(file);
  if (!definitions) return { unreadable: report.problems[0]?.message ?? 'it is no BPMN' };
  const processes = elementsOf(definitions, 'rootElements').filter(
    (root) => kindOf(root) === 'process',
  );
  const all = processes.flatMap((one) => [...elementsWithin(one)]);
  if (all.length > mostLaidOut) return { elements: all.length };
  const flows = new Map(all.flatMap((element) => renamed(element)));
  const own = processes.find((one) => idOf(one) === process);
  const drawings = drawingsOf(definitions).filter((drawn) => !own || shows(drawn, own));
  return { xml: file.xml, drawings, flows };
}

/** Flows of code have ids that XML does not allow; the drawing says which they are. */
function renamed(element: ModdleElement): readonly (readonly [string, string])[] {
  const extensions = elementOf(element, 'extensionElements');
  const values = extensions ? elementsOf(extensions, 'values') : [];
  const own = values.find(({ $type }) => $type === 'orderloom:Flow');
  const id = own && textOf(own, 'id');
  return id === undefined ? [] : [[id, idOf(element)]];
}

/** Whether a diagram is one of this process: of it, of its pools, or of a sub-process in it. */
function shows({ element, shapes }: Drawn, process: ModdleElement): boolean {
  if (element === process) return true;
  return shapes.some((shape) => {
    let at: ModdleElement | undefined = shape.element;
    while (at && at !== process) at = at.$parent;
    return at === process || elementOf(shape.element, 'processRef') === process;
  });
}
