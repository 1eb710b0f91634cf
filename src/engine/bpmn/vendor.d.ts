/** Types of the packages that read and write BPMN, as far as they are used here; they bring none themselves. */

declare module 'bpmn-moddle' {
  /** An element of a drawing. Properties that were not written are found on its prototype. */
  export interface ModdleElement {
    readonly $type: string;
    readonly $attrs?: Readonly<Record<string, string>>;
    $parent?: ModdleElement;
    [property: string]: unknown;
  }
  export interface ModdleWarning {
    readonly message: string;
    readonly element?: ModdleElement;
    readonly property?: string;
    readonly value?: string;
  }
  export class BpmnModdle {
    constructor(packages?: Readonly<Record<string, unknown>>);
    create(type: string, properties?: Readonly<Record<string, unknown>>): ModdleElement;
    fromXML(xml: string): Promise<{
      readonly rootElement: ModdleElement;
      readonly warnings: readonly ModdleWarning[];
    }>;
    toXML(
      element: ModdleElement,
      options?: { readonly format?: boolean },
    ): Promise<{ readonly xml: string }>;
  }
}

declare module 'bpmnlint' {
  import type { ModdleElement } from 'bpmn-moddle';
  export interface LintReport {
    readonly id?: string;
    readonly message: string;
    readonly category: 'off' | 'info' | 'warn' | 'error' | 'rule-error';
  }
  class Linter {
    constructor(options: {
      readonly config: { readonly rules: Readonly<Record<string, string>> };
      readonly resolver: {
        readonly resolveRule: (pkg: string, name: string) => Promise<unknown>;
        readonly resolveConfig: (pkg: string, name: string) => unknown;
      };
    });
    lint(root: ModdleElement): Promise<Readonly<Record<string, readonly LintReport[]>>>;
  }
  // A module of CommonJS: what it exports is its default.
  const bpmnlint: { readonly Linter: typeof Linter };
  // biome-ignore lint/style/noDefaultExport: it is how that package is read.
  export default bpmnlint;
}

declare module 'bpmnlint/config/recommended.js' {
  const recommended: { readonly rules: Readonly<Record<string, string>> };
  // biome-ignore lint/style/noDefaultExport: it is how that file is read.
  export default recommended;
}
