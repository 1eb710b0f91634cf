/**
 * Reads migration folders: plain SQL files `000001_name.sql`, numbered without gaps from 1. A first
 * line `--! breaking` marks a migration that older programs must not run on.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** The migrations of one owner: its PostgreSQL schema and the folder of its files. */
export interface MigrationSet {
  readonly schema: string;
  readonly folder: URL;
}

/** One migration file as it was read. */
export interface Migration {
  readonly schema: string;
  readonly number: number;
  /** The file's name, e.g. `000001_orders.sql`. */
  readonly file: string;
  readonly sql: string;
  /** SHA-256 of the text with LF line ends, so that a checkout on any system has the same. */
  readonly checksum: string;
  readonly breaking: boolean;
}

const filePattern = /^(\d{6})_[a-z0-9_]+\.sql$/;
const schemaPattern = /^[a-z_][a-z0-9_]{0,62}$/;

/** All migrations of the sets, set by set in the order given, each in the order of its numbers. */
export async function readMigrations(sets: readonly MigrationSet[]): Promise<Migration[]> {
  const names = sets.map(({ schema }) => schema);
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) {
    throw new Error(
      `migrations: expected one folder per schema, found two for "${repeated}"; give each module a schema of its own`,
    );
  }
  return (await Promise.all(sets.map(readSet))).flat();
}

async function readSet({ schema, folder }: MigrationSet): Promise<Migration[]> {
  if (!schemaPattern.test(schema)) {
    throw new Error(`migrations: expected a snake_case schema name, found "${schema}"`);
  }
  const path = fileURLToPath(folder);
  const files = (await readdir(path)).filter((file) => file.endsWith('.sql')).sort();
  return Promise.all(
    files.map(async (file, index) => {
      const number = Number(filePattern.exec(file)?.[1]);
      const expected = String(index + 1).padStart(6, '0');
      if (number !== index + 1) {
        throw new Error(
          `migrations of schema "${schema}": expected a file ${expected}_name.sql, found ${file} in ${path}; ` +
            'number the files without gaps and use lower case, digits and _',
        );
      }
      return parse(schema, number, file, await readFile(new URL(file, withSlash(folder)), 'utf8'));
    }),
  );
}

function parse(schema: string, number: number, file: string, text: string): Migration {
  const sql = text.replaceAll('\r\n', '\n');
  return {
    schema,
    number,
    file,
    sql,
    checksum: createHash('sha256').update(sql).digest('hex'),
    breaking: /^--! breaking\b/.test(sql),
  };
}

function withSlash(folder: URL): URL {
  return folder.href.endsWith('/') ? folder : new URL(`${folder.href}/`);
}
