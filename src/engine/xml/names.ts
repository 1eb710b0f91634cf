/** What prefixes stand for in XML: each element may declare some, for itself and all inside of it. */
import { Parser } from 'saxen';

/** Of an element or attribute. */
export interface QualifiedName {
  /** Empty where there is none, or where its prefix was never declared. */
  readonly namespace: string;
  /** Without its prefix. */
  readonly name: string;
  /** With it, as it stands in the file. */
  readonly written: string;
}

/** What was declared by an element, and by those around it. */
export interface Scope {
  readonly declared: ReadonlyMap<string, string>;
  readonly around: Scope | null;
}

/** Around the root. */
export const outermostScope: Scope = {
  declared: new Map([['xml', 'http://www.w3.org/XML/1998/namespace']]),
  around: null,
};

/** The scope of an element by its attributes, and those that declare nothing. */
export function innerScope(
  attributes: Readonly<Record<string, string>>,
  around: Scope,
): { readonly scope: Scope; readonly others: readonly (readonly [name: string, value: string])[] } {
  const entries = Object.entries(attributes);
  const declares = ([name]: readonly [string, string]) => /^xmlns(:|$)/.test(name);
  const own = entries.filter(declares);
  if (own.length === 0) return { scope: around, others: entries };
  const declared = new Map(own.map(([name, value]) => [name.slice('xmlns:'.length), value]));
  const others = entries.filter((entry) => !declares(entry));
  return { scope: { declared, around }, others };
}

/** What a name stands for. An attribute without a prefix is in no namespace, whatever is declared. */
export function resolveName(
  written: string,
  scope: Scope,
  kind: 'element' | 'attribute',
): QualifiedName {
  const at = written.indexOf(':');
  const name = written.slice(at + 1);
  if (at < 0 && kind === 'attribute') return { namespace: '', name, written };
  return { namespace: namespaceOf(at < 0 ? '' : written.slice(0, at), scope), name, written };
}

function namespaceOf(prefix: string, scope: Scope): string {
  for (let at: Scope | null = scope; at; at = at.around) {
    const found = at.declared.get(prefix);
    if (found !== undefined) return found;
  }
  return '';
}

/** The namespace of the first element; empty where there is none. Looks no further. */
export function rootNamespace(xml: string): string {
  const parser = new Parser();
  let found = '';
  parser.on('openTag', (name, attributes) => {
    const { scope } = innerScope(attributes(), outermostScope);
    found = resolveName(name, scope, 'element').namespace;
    parser.stop();
  });
  parser.on('error', () => parser.stop());
  parser.on('warn', () => undefined);
  // A root that begins later is none that anybody draws.
  parser.parse(xml.slice(0, 20_000));
  return found;
}
