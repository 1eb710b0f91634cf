/** Ids of definitions: `key:version`. There is no third part as in Camunda 7, since no version is deployed twice. */
import { missing } from './rest-error.ts';

/** A version of a process. */
export interface DefinitionKey {
  readonly process: string;
  readonly version: number;
}

/** The id of a version. */
export function definitionId({ process, version }: DefinitionKey): string {
  return `${process}:${version}`;
}

/** The version of an id; throws when it is none. */
export function definitionKeyOf(id: string): DefinitionKey {
  const [, process = '', version = ''] = /^(.+):(\d{1,9})$/.exec(id) ?? [];
  if (process !== '') return { process, version: Number(version) };
  throw missing(`No matching definition with id ${id}; expected an id such as order:1`);
}
