/**
 * Runs a line of `curl` as a person pastes it, by the machine's own curl. A machine without curl (a
 * fresh one has only git, Node and npm) sends the same request, labelled as curl labels it.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What the server answered. */
export interface CurlAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

const shape = /^curl -X (\w+) (\S+) \\?\s*-d '([^']*)'$/;

/** Runs `curl -X METHOD URL -d 'BODY'`, written in one line or two. */
export async function curlLine(line: string): Promise<CurlAnswer> {
  const [, method, url, data] = shape.exec(line.trim()) ?? [];
  if (method === undefined || url === undefined || data === undefined) {
    throw new Error(`expected curl -X METHOD URL -d 'BODY', found ${line}`);
  }
  const sent = (await hasCurl())
    ? await byCurl(method, url, data)
    : await byFetch(method, url, data);
  return { status: sent.status, body: JSON.parse(sent.text) as CurlAnswer['body'] };
}

let known: Promise<boolean> | undefined;
function hasCurl(): Promise<boolean> {
  known ??= run('curl', ['--version']).then(
    () => true,
    () => false,
  );
  return known;
}

async function byCurl(method: string, url: string, data: string) {
  const args = ['-sS', '--noproxy', '*', '-w', '\n%{http_code}', '-X', method, url, '-d', data];
  const { stdout } = await run('curl', args, { timeout: 20_000 });
  const end = stdout.lastIndexOf('\n');
  return { status: Number(stdout.slice(end + 1)), text: stdout.slice(0, end) };
}

async function byFetch(method: string, url: string, data: string) {
  const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: '*/*' };
  const response = await fetch(url, { method, headers, body: data });
  return { status: response.status, text: await response.text() };
}
