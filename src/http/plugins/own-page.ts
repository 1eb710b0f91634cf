/**
 * Tells whether a request may come from a stranger's web page. Demo mode asks for no credentials, so
 * without this any page open in a browser on the same machine could act as the demo user.
 */
import type { FastifyRequest } from 'fastify';

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;

/**
 * True for programs (they send no `Origin`), for our own pages and for those of the friendly origins.
 * The host must be a loopback name, or a stranger's name could be pointed at this machine and pass
 * for our own.
 */
export function isOwnPage(
  { headers }: Pick<FastifyRequest, 'headers'>,
  friendlyOrigins: readonly string[],
): boolean {
  const { host = '', origin } = headers;
  if (!loopback.test(host)) return false;
  if (origin !== undefined && friendlyOrigins.includes(origin)) return true;
  const site = headers['sec-fetch-site'];
  if (site === 'cross-site' || site === 'same-site') return false;
  return origin === undefined || origin === `http://${host}` || origin === `https://${host}`;
}
