/** Deadlines of waits: a boundary timer, and what happens when it comes first. */
import { expectAuthored } from '../model/authoring-error.ts';
import { constant, type Expression, expression } from '../model/expression.ts';
import { type Duration, durationMs } from '../time/duration.ts';
import {
  addContent,
  authored,
  type Content,
  joinPlaces,
  type Place,
  type Site,
} from './content.ts';
import { contentOf } from './flow-builder.ts';
import type { Known, Scope } from './known.ts';

/** A duration, a moment, or a function that gives one of them. */
export type Timeout<K extends Known> = Duration | ((scope: Scope<K>) => Duration | Date);

/** When a timer is due: milliseconds from its beginning, or a moment. */
export function dueExpression(site: Site, timeout: Timeout<never>): Expression<number | Date> {
  if (typeof timeout !== 'function') return constant(durationMs(timeout));
  const at = authored<Duration | Date>(site, timeout);
  return expression((variables) => {
    const due = at.evaluate(variables);
    return due instanceof Date ? due : durationMs(due);
  }, at.source);
}

/**
 * Reads the deadline of a wait while it is written down, and gives what attaches it to the wait's place;
 * a wait without one stays as it is. Throws an `AuthoringError` for an `onTimeout` without a `timeout`.
 */
export function deadlineOf(
  id: string,
  options: { readonly timeout?: Timeout<never>; readonly onTimeout?: unknown },
): (site: Site, place: Place) => Place {
  const { timeout, onTimeout } = options;
  const late = onTimeout === undefined ? null : contentOf(onTimeout as never);
  expectAuthored(
    !late || timeout !== undefined,
    `expected "${id}" to have a timeout, since it has onTimeout`,
  );
  return (site, place) =>
    timeout === undefined ? place : addDeadline(site, place, id, timeout, late);
}

/**
 * Attaches the deadline `<id>.timeout` to the activity at this place. When it comes first the
 * activity is ended and `onTimeout` runs; without one the error `TIMEOUT` is raised, which a handler
 * of the enclosing subprocess may catch.
 */
function addDeadline(
  site: Site,
  place: Place,
  id: string,
  timeout: Timeout<never>,
  onTimeout: Content | null,
): Place {
  const boundary = site.graph.add({
    type: 'boundaryEvent',
    id: `${id}.timeout`,
    name: 'Time is up',
    parent: site.container,
    attachedTo: id,
    interrupting: true,
    event: { type: 'timer', due: dueExpression(site, timeout) },
  });
  if (onTimeout) {
    const late = addContent(onTimeout, { ...site, isScope: false, entry: [boundary] });
    return joinPlaces(site, id, [place, late]);
  }
  const message = constant(`"${id}" was not answered in time`);
  site.graph.add(
    {
      type: 'endEvent',
      id: `${id}.timed-out`,
      name: 'Timed out',
      parent: site.container,
      event: { type: 'error', code: 'TIMEOUT', message },
    },
    [boundary],
  );
  return place;
}
