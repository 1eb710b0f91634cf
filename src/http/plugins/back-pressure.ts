/**
 * Turns requests away with 503 and `Retry-After` while there is more to do than can be done, before
 * their bodies are read. Which kind of work a route asks for is said where it is mounted; routes that say
 * nothing (reading, what steers the load, health, documentation) always pass.
 */
import type { FastifyInstance } from 'fastify';
import { refuse } from '../../kernel/errors.ts';
import type { Metrics } from '../../telemetry/index.ts';
import type { Door } from '../door.ts';
import { overloaded } from '../errors.ts';
import { RefusedError } from '../problem.ts';

/** Puts the door in front of all routes that ask for work. */
export function addBackPressure(
  server: FastifyInstance,
  { door, metrics }: { readonly door?: Door; readonly metrics: Metrics },
): void {
  if (!door) return;
  metrics.addGauge({
    name: 'orderloom_load',
    help: 'Figures that close the door to more work, by name',
    labels: ['figure'],
    read: () => door.state().map(({ name, value }) => ({ labels: { figure: name }, value })),
  });
  metrics.addGauge({
    name: 'orderloom_door_closed',
    help: '1 while a figure keeps new work out, 2 while it keeps all out that changes anything',
    labels: ['figure'],
    read: () =>
      door.state().map(({ name, closed }) => ({ labels: { figure: name }, value: closed })),
  });
  const count = metrics.addCounter({
    name: 'orderloom_turned_away_total',
    help: 'Requests that were answered 503 because there was too much to do, by figure',
    labels: ['figure'],
  });
  server.addHook('onRequest', async (request) => {
    const { work } = request.routeOptions.config;
    const turnedAway = work === undefined ? null : door.refusal(work);
    if (!turnedAway) return;
    const { figure, retryAfterSeconds } = turnedAway;
    count({ figure: figure.name });
    throw new RefusedError(
      refuse(
        overloaded,
        `expected time for more work, found too much of it (${figure.what}); nothing was done: send ` +
          `the same request again in ${retryAfterSeconds} s`,
      ),
      { 'retry-after': String(retryAfterSeconds) },
    );
  });
}
