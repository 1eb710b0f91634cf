/** Follows references within one OpenAPI document. Those that leave it, or name nothing, are problems. */
import { isJson, type Json } from './read-service-document.ts';

/** What is wrong with a document, with the place of each; everything is told at once. */
export class Problems {
  readonly #found = new Map<string, string>();

  /** Keeps a problem; the same one at the same place counts once. */
  add(place: string, message: string): void {
    this.#found.set(`${place}: ${message}`, place);
  }

  get list(): readonly string[] {
    return [...this.#found.keys()];
  }
}

/** A document with the ways through it. */
export class ReferencedDocument {
  readonly root: Json;
  readonly problems: Problems;

  constructor(root: Json, problems: Problems) {
    this.root = root;
    this.problems = problems;
  }

  /** The object that a value is, or that its `$ref` names; null (and a problem) when there is none. */
  resolve(value: unknown, place: string): Json | null {
    let found = value;
    for (let hops = 0; isJson(found) && typeof found.$ref === 'string'; hops++) {
      const { $ref } = found;
      found = hops < 20 ? this.#at($ref) : undefined;
      if (found === undefined) {
        const inside = $ref.startsWith('#');
        this.problems.add(
          place,
          inside
            ? `"${$ref}" names nothing in the document`
            : `"${$ref}" is another document; bundle them into one first`,
        );
        return null;
      }
    }
    if (isJson(found)) return found;
    this.problems.add(place, 'expected an object, found something else');
    return null;
  }

  #at(reference: string): unknown {
    if (!reference.startsWith('#/')) return undefined;
    let found: unknown = this.root;
    for (const part of decodeURIComponent(reference.slice(2)).split('/')) {
      const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
      found = isJson(found) && Object.hasOwn(found, name) ? found[name] : undefined;
    }
    return found;
  }
}
