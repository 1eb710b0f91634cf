/** Types of the package that parses XML, as far as they are used here; it brings none itself. */

declare module 'saxen' {
  interface Context {
    readonly line: number;
    readonly column: number;
    readonly data: string;
  }
  export class Parser {
    on(
      event: 'openTag',
      handler: (
        name: string,
        attributes: () => Readonly<Record<string, string>>,
        decode: (text: string) => string,
        selfClosing: boolean,
        context: () => Context,
      ) => void,
    ): this;
    on(event: 'closeTag', handler: (name: string) => void): this;
    on(event: 'text', handler: (text: string, decode: (text: string) => string) => void): this;
    on(event: 'cdata' | 'comment' | 'question', handler: (text: string) => void): this;
    on(
      event: 'attention',
      handler: (text: string, decode: unknown, context: () => Context) => void,
    ): this;
    on(event: 'error' | 'warn', handler: (error: Error, context: () => Context) => void): this;
    stop(): void;
    parse(xml: string): void;
  }
}
