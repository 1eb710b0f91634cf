/**
 * What stops a start and can be mended by whoever starts the program: a port or a data folder that is
 * in use, a database that lets nobody in. It is told by the name of the setting, without a stack.
 */
import { isConnectionLoss } from '../postgres/index.ts';
import { CommandError } from './api-client.ts';
import type { DataSettings } from './config.ts';

/** The program cannot start here; the message says why and what to do. */
export class CannotStart extends CommandError {
  override readonly name = 'CannotStart';
}

/** The failure in words for whoever starts the program; anything else is given back as it is. */
export function explained(error: unknown, config: DataSettings): unknown {
  if (!(error instanceof Error) || error instanceof CannotStart) return error;
  const message = ofListening(error, config) ?? ofDatabase(error, config) ?? ownWords(error);
  return message === null ? error : new CannotStart(message, { cause: error });
}

function ofListening(
  { code, syscall, hostname }: NodeJS.ErrnoException & { hostname?: string },
  { PORT, HOST }: DataSettings,
): string | null {
  const unknownHost = syscall === 'getaddrinfo' && hostname === HOST;
  if (unknownHost || (syscall === 'listen' && code === 'EADDRNOTAVAIL')) {
    return `HOST: expected an address of this machine, found ${HOST}; 0.0.0.0 means all of them`;
  }
  if (syscall !== 'listen') return null;
  if (code === 'EACCES') {
    return `PORT: expected one that this account may use, found ${PORT}; take one from 1024 on`;
  }
  if (code !== 'EADDRINUSE') return null;
  return (
    `PORT: expected a free one, found that another program has port ${PORT} of ${HOST}; stop it, ` +
    'or start this one with another PORT'
  );
}

/** PostgreSQL's codes for a wrong user, password or database, and for missing rights. */
const refusals = /^(28...|3D000|42501)$/;
/** The name of the server is not known. */
const unknownNames = /^(ENOTFOUND|EAI_AGAIN)$/;

function ofDatabase(error: NodeJS.ErrnoException, { DATABASE_URL }: DataSettings): string | null {
  if (DATABASE_URL === undefined) return null;
  const code = String(error.code);
  if (!refusals.test(code) && !unknownNames.test(code) && !isConnectionLoss(error)) return null;
  // A name with several addresses fails with one message for each.
  const found = error.message || code;
  return (
    `DATABASE_URL: expected a PostgreSQL server that lets this program in, found "${found}"; check ` +
    'that it runs, and the address, user, password and database'
  );
}

/** Errors of starting PostgreSQL, of migrations, of manifests and of deploying say themselves what to do. */
const ownWordsOf =
  /^(embedded PostgreSQL: |another Orderloom \(|migration |migrations: |process "[^"]+" version \d+ has another structure |the manifests of the modules )/;

function ownWords({ message }: Error): string | null {
  return ownWordsOf.test(message) ? message : null;
}
