/**
 * Reads what the sandbox needs of a mail: addresses, subject, `Message-ID` and the plain text.
 * Understands single-part mails as this program sends them; parts of others are shown undecoded
 * rather than lost.
 */

/** What the sandbox shows of a mail. */
export interface ParsedMail {
  /** Without the angle brackets; empty when there is no such header. */
  readonly messageId: string;
  readonly from: string;
  readonly subject: string;
  readonly text: string;
}

/** Reads a raw mail, one character for each byte. Never fails: what is missing is empty. */
export function parseMail(raw: string): ParsedMail {
  const split = /\r?\n\r?\n/.exec(raw);
  const head = split ? raw.slice(0, split.index) : raw;
  const body = split ? raw.slice(split.index + split[0].length) : '';
  const headers = new Map<string, string>();
  // A line that begins with white space goes on with the header before it.
  for (const line of head.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  const encoding = headers.get('content-transfer-encoding')?.toLowerCase() ?? '7bit';
  return {
    messageId: (headers.get('message-id') ?? '').replace(/^<|>$/g, ''),
    from: decodeWords(headers.get('from') ?? ''),
    subject: decodeWords(headers.get('subject') ?? ''),
    text: decodeBody(body, encoding).replaceAll('\r\n', '\n').replace(/\n+$/, '\n'),
  };
}

function decodeBody(body: string, encoding: string): string {
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString('utf8');
  if (encoding !== 'quoted-printable') return Buffer.from(body, 'latin1').toString('utf8');
  return decodeQuotedPrintable(body.replace(/=\r?\n/g, ''));
}

function decodeQuotedPrintable(text: string): string {
  const bytes = text.replace(/=([0-9A-Fa-f]{2})/g, (_all, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/**
 * RFC 2047: `=?UTF-8?Q?...?=` and `=?UTF-8?B?...?=`; white space between two such words is not
 * text.
 */
function decodeWords(header: string): string {
  return header
    .replace(/(\?=)\s+(=\?)/g, '$1$2')
    .replace(/=\?utf-8\?([QB])\?([^?]*)\?=/gi, (_all, kind: string, text: string) =>
      kind.toUpperCase() === 'B'
        ? Buffer.from(text, 'base64').toString('utf8')
        : decodeQuotedPrintable(text.replaceAll('_', ' ')),
    );
}
