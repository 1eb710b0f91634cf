/** What every command that talks to a running program is given. */
import { type ApiClient, apiClient, serverUrl } from './api-client.ts';

/** The client and how to answer. */
export interface CommandContext {
  readonly api: ApiClient;
  /** True when a script asked. */
  readonly json: boolean;
  /** Prints the API's own JSON for scripts, or the text for people. */
  answer(json: unknown, text: () => string): void;
  /** Prints a line for people; scripts see nothing of it. */
  say(line: string): void;
}

/** Options that every client command takes. */
export interface ClientOptions {
  readonly url?: string;
  readonly json?: boolean;
}

/** Options of commands that show a page of a list. */
export interface ListOptions {
  readonly limit?: string;
  readonly cursor?: string;
}

/** Makes the context of one command. The token comes by environment only: arguments can be seen by others. */
export function commandContext(
  { url, json = false }: ClientOptions,
  env: NodeJS.ProcessEnv = process.env,
): CommandContext {
  const token = env.ORDERLOOM_TOKEN || undefined;
  return {
    api: apiClient({ url: serverUrl(url, env), ...(token === undefined ? {} : { token }) }),
    json,
    answer(value, text) {
      console.log(json ? JSON.stringify(value, null, 2) : `${text()}${pendingText(value)}`);
    },
    say(line) {
      if (!json) console.log(line);
    },
  };
}

/** A request that is stored and that nobody has handled yet must not look like one that was. */
function pendingText(answer: unknown): string {
  const isPending = typeof answer === 'object' && answer !== null && 'pending' in answer;
  if (!isPending || answer.pending !== true) return '';
  return '\nIt is stored, but the node that owns the instance has not answered yet; look at the instance later.';
}
