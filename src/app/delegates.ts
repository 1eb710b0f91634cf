/**
 * The table of delegates that stands beside drawings of Camunda 7 or Flowable: which procedure is meant by a
 * Java class, a bean or an expression. A JSON file, `orderloom.delegates.json` unless another is named.
 */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { CommandError } from './api-client.ts';

const usualName = 'orderloom.delegates.json';
const table = z.record(z.string(), z.string());

/**
 * The table that is named, else the ones in the folders of the files, a later one adding to those before;
 * undefined when there is none. Throws a `CommandError` when one cannot be read.
 */
export async function readDelegates(
  paths: readonly string[],
  named: string | undefined,
): Promise<Readonly<Record<string, string>> | undefined> {
  if (named !== undefined) return await read(named, true);
  const folders = [...new Set(paths.map((path) => dirname(path)))];
  const found = await Promise.all(folders.map((folder) => read(join(folder, usualName), false)));
  const tables = found.filter((one) => one !== undefined);
  return tables.length === 0 ? undefined : Object.assign({}, ...tables);
}

async function read(
  path: string,
  isNeeded: boolean,
): Promise<Readonly<Record<string, string>> | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (!isNeeded && (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new CommandError(
      `Expected a table of delegates, found none that can be read: ${(error as Error).message}`,
    );
  }
  try {
    return table.parse(JSON.parse(text));
  } catch {
    throw new CommandError(
      `Expected ${path} to be a JSON object of procedures by class, bean or expression, such as ` +
        '{ "com.acme.ChargeDelegate": "payments.create-session" }; found something else.',
    );
  }
}
