/** The lines of a script at their edge: what happens, at which node, with what. */

/** What a client, a worker, a person or the clock does. */
export interface ScriptCommand {
  readonly name: string;
  /** Empty where it is about the process. */
  readonly node: string;
  /** What stands behind the node: a code, or JSON. */
  readonly rest: string;
  /** Of the JSON; null where there is none. */
  readonly value: unknown;
}

/** Reads one line. */
export function readCommand(line: string): ScriptCommand {
  const [, name = '', node = '', rest = ''] =
    /^(\S+)(?: ([^\s{["]\S*))?(?: (.*))?$/.exec(line) ?? [];
  const isCode = rest === '' || /^[A-Z_]+$/.test(rest);
  return { name, node, rest, value: isCode ? null : JSON.parse(rest) };
}
