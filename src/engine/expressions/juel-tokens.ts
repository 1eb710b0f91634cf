/** The words and signs of one `${...}`, read in one pass. */

/** One of them. A literal is a `value`; `true`, `false` and `null` are, too. */
export interface Token {
  readonly kind: 'value' | 'name' | 'sign';
  readonly text: string;
  readonly value?: unknown;
}

const constants: Readonly<Record<string, unknown>> = { true: true, false: false, null: null };
const pattern =
  /\s+|(\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)|([A-Za-z_$][\w$]*)|(\|\||&&|[=!<>]=|[-+*/%<>!?:.,()[\]])/y;

/** The tokens up to the `}` that ends the expression, and where that stands. Throws a `SyntaxError`. */
export function tokensOf(
  text: string,
  from: number,
): { readonly tokens: readonly Token[]; readonly end: number } {
  const tokens: Token[] = [];
  let at = from;
  while (at < text.length) {
    const sign = text.charAt(at);
    if (sign === '}') return { tokens, end: at };
    if (sign === '"' || sign === "'") {
      const { value, end } = literal(text, at);
      tokens.push({ kind: 'value', text: value, value });
      at = end + 1;
      continue;
    }
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (!found) throw new SyntaxError(`expected a word or a sign, found "${sign}"`);
    const [all, number, name, operator] = found;
    if (number !== undefined) tokens.push({ kind: 'value', text: number, value: Number(number) });
    else if (name !== undefined && Object.hasOwn(constants, name)) {
      tokens.push({ kind: 'value', text: name, value: constants[name] });
    } else if (name !== undefined) tokens.push({ kind: 'name', text: name });
    else if (operator !== undefined) tokens.push({ kind: 'sign', text: operator });
    at += all.length;
  }
  throw new SyntaxError('expected a "}" that ends the expression, found none');
}

/** Quoted text; a backslash takes the next character as it is. */
function literal(text: string, from: number): { readonly value: string; readonly end: number } {
  const quote = text.charAt(from);
  let value = '';
  for (let at = from + 1; at < text.length; at += 1) {
    const sign = text.charAt(at);
    if (sign === quote) return { value, end: at };
    if (sign === '\\') at += 1;
    value += text.charAt(at);
  }
  throw new SyntaxError(`expected a ${quote} that ends the text, found none`);
}
