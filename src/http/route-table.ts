/** Remembers which paths take which methods, to answer a wrong method with the right ones. */
import type { FastifyInstance } from 'fastify';

/** Knows every route that was added since it was made. */
export interface RouteTable {
  /** The methods that a path takes, sorted; none when the path is unknown. */
  methodsOf(path: string): readonly string[];
}

/** Watches all routes being added from now on. Only asked for unknown routes, so it may be slow. */
export function watchRoutes(server: FastifyInstance): RouteTable {
  const routes: { readonly pattern: RegExp; readonly methods: readonly string[] }[] = [];
  server.addHook('onRoute', ({ url, method }) => {
    // Answers preflight requests for every path, also for those that do not exist.
    if (url === '*') return;
    routes.push({ pattern: patternOf(url), methods: [method].flat() });
  });
  return {
    methodsOf: (path) =>
      [
        ...new Set(
          routes.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => methods),
        ),
      ].sort(),
  };
}

function patternOf(url: string): RegExp {
  const parts = url.split('/').map((part) => {
    if (part.startsWith(':')) return '[^/]+';
    return part === '*' ? '.*' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('/')}$`);
}
