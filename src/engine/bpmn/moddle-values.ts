/** Reading properties of what moddle gives, whose types are known to the standard only. */
import type { ModdleElement } from 'bpmn-moddle';

/** Text of a property; undefined when it was not written. */
export function textOf(element: ModdleElement, property: string): string | undefined {
  const value = element[property];
  return typeof value === 'string' ? value : undefined;
}

/** A number of a property; undefined when it was not written, NaN when it is none. */
export function numberOf(element: ModdleElement, property: string): number | undefined {
  const value = element[property];
  return value === undefined ? undefined : Number(value);
}

/** One element of a property: contained or referred to. */
export function elementOf(element: ModdleElement, property: string): ModdleElement | undefined {
  const value = element[property];
  return isElement(value) ? value : undefined;
}

/** The elements of a property. */
export function elementsOf(element: ModdleElement, property: string): readonly ModdleElement[] {
  const value = element[property];
  return Array.isArray(value) ? value.filter(isElement) : [];
}

/** The id; empty when there is none. */
export function idOf(element: ModdleElement): string {
  return textOf(element, 'id') ?? '';
}

/** What the standard calls its kind: `serviceTask` of `bpmn:ServiceTask`. */
export function kindOf(element: ModdleElement): string {
  const local = element.$type.slice(element.$type.indexOf(':') + 1);
  return local.charAt(0).toLowerCase() + local.slice(1);
}

/** The names of the properties that were written and say something else than their default. */
export function writtenProperties(element: ModdleElement): readonly string[] {
  const defaults = Object.getPrototypeOf(element) as Record<string, unknown>;
  return Object.keys(element).filter(
    (name) => !name.startsWith('$') && element[name] !== defaults[name] && !isEmpty(element[name]),
  );
}

function isEmpty(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.length === 0);
}

function isElement(value: unknown): value is ModdleElement {
  return typeof value === 'object' && value !== null && '$type' in value;
}
