/** Writes our own extension into a drawing that was read: what a vendor's words mean here. */
import { BpmnModdle, type ModdleElement } from 'bpmn-moddle';
import type { Expression } from '../../model/expression.ts';
import { extension } from '../extension.ts';
import { elementOf, elementsOf } from '../moddle-values.ts';
import { readyValues } from '../process-context.ts';

const moddle = new BpmnModdle({ orderloom: structuredClone(extension) });

type Attributes = Readonly<Record<string, string | number | undefined>>;

/** Adds attributes to the one extension of a kind; what the drawing says there itself stays. */
export function say(element: ModdleElement, kind: string, attributes: Attributes): void {
  const said = Object.entries(attributes).filter(([, value]) => value !== undefined);
  if (said.length === 0) return;
  const type = `orderloom:${kind}`;
  const known = valuesOf(element).find(({ $type }) => $type === type) ?? add(element, kind, {});
  const own = new Set(Object.keys(known));
  for (const [name, value] of said) if (!own.has(name)) known[name] = value;
}

/** Adds one more extension of a kind. */
export function add(element: ModdleElement, kind: string, attributes: Attributes): ModdleElement {
  let holder = elementOf(element, 'extensionElements');
  if (!holder) {
    holder = moddle.create('bpmn:ExtensionElements', { values: [] });
    holder.$parent = element;
    element.extensionElements = holder;
  }
  const added = moddle.create(`orderloom:${kind}`, attributes);
  added.$parent = holder;
  holder.values = [...elementsOf(holder, 'values'), added];
  return added;
}

/** Adds a named value that is an expression already. */
export function addValue(
  element: ModdleElement,
  kind: 'Input' | 'Output' | 'Local' | 'Assign',
  name: string,
  value: Expression,
): void {
  readyValues.set(add(element, kind, { name }), value);
}

/** Whether the drawing itself says one of these there. */
export function saysOf(element: ModdleElement, kind: string, names: readonly string[]): boolean {
  const known = valuesOf(element).find(({ $type }) => $type === `orderloom:${kind}`);
  return names.some((name) => known?.[name] !== undefined);
}

/** Whether the drawing has an extension of this kind there. */
export function says(element: ModdleElement, kind: string): boolean {
  return valuesOf(element).some(({ $type }) => $type === `orderloom:${kind}`);
}

function valuesOf(element: ModdleElement): readonly ModdleElement[] {
  const holder = elementOf(element, 'extensionElements');
  return holder ? elementsOf(holder, 'values') : [];
}
