/**
 * What a vendor's extension says at one element of a drawing: attributes and elements without their
 * prefix. What was taken is gone; what is left at the end was understood by nobody.
 */
import type { ModdleElement } from 'bpmn-moddle';
import { elementOf, elementsOf } from '../moddle-values.ts';

/** An element of a vendor's namespace, of which nothing is known but what was written. */
export interface VendorElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly VendorElement[];
  /** Text inside of it, trimmed. */
  readonly body: string;
}

/** The words at one element. */
export class VendorWords {
  readonly element: ModdleElement;
  readonly #attributes = new Map<string, { readonly written: string; readonly value: string }>();
  #elements: VendorElement[] = [];

  /** Takes them out of the element, so that nobody else meets them. */
  constructor(element: ModdleElement, prefixes: ReadonlySet<string>) {
    this.element = element;
    const attributes = (element.$attrs ?? {}) as Record<string, string>;
    for (const [written, value] of Object.entries(attributes)) {
      const name = localName(written, prefixes);
      if (name === null) continue;
      this.#attributes.set(name, { written, value: value.trim() });
      delete attributes[written];
    }
    const holder = elementOf(element, 'extensionElements');
    if (!holder) return;
    const values = elementsOf(holder, 'values');
    this.#elements = values.flatMap((value) => vendorElement(value, prefixes) ?? []);
    holder.values = values.filter((value) => localName(value.$type, prefixes) === null);
  }

  /** The value of an attribute, which is understood then. */
  take(name: string): string | undefined {
    const found = this.#attributes.get(name);
    this.#attributes.delete(name);
    return found?.value;
  }

  /** The value of an attribute, which is not understood yet. */
  peek(name: string): string | undefined {
    return this.#attributes.get(name)?.value;
  }

  /** The elements of a name, which are understood then. */
  takeElements(name: string): readonly VendorElement[] {
    const found = this.#elements.filter((one) => one.name === name);
    this.#elements = this.#elements.filter((one) => one.name !== name);
    return found;
  }

  /** What nobody understood. */
  get left(): readonly string[] {
    return [
      ...[...this.#attributes.values()].map(({ written }) => written),
      ...this.#elements.map(({ name }) => `<${name}>`),
    ];
  }
}

function localName(written: string, prefixes: ReadonlySet<string>): string | null {
  const [prefix = '', local] = written.split(':');
  return local !== undefined && prefixes.has(prefix) ? local : null;
}

function vendorElement(value: ModdleElement, prefixes: ReadonlySet<string>): VendorElement | null {
  const name = localName(value.$type, prefixes);
  if (name === null) return null;
  const written = Object.entries(value).filter(
    (entry): entry is [string, string] => !entry[0].startsWith('$') && typeof entry[1] === 'string',
  );
  const children = Array.isArray(value.$children) ? (value.$children as ModdleElement[]) : [];
  const body = typeof value.$body === 'string' ? value.$body.trim() : '';
  return {
    name,
    attributes: Object.fromEntries(written),
    children: children.flatMap((child) => vendorElement(child, prefixes) ?? []),
    body,
  };
}
