/** `.catch`: boundary error events, one for each code, that lead into one body. */
import { expectAuthored } from '../model/authoring-error.ts';
import { addContent, type Content, joinPlaces, type Part, readerOf } from './content.ts';
import { nameOf } from './names.ts';

/** Which errors are caught, and under which id the handler finds the error. */
export interface CaughtError {
  readonly id: string;
  readonly name?: string;
  readonly code?: string | readonly string[];
}

/** The part, with a handler attached to the activity that it adds. */
export function addErrorHandler(
  last: { readonly id: string; readonly add: Part },
  error: CaughtError,
  content: Content,
): Part {
  return (site) => {
    const place = last.add(site);
    const { activity } = place;
    expectAuthored(
      activity !== null,
      `expected .catch after a step, a wait, a task or a subprocess, found it after "${last.id}", ` +
        'which raises no errors: put what may fail into a subprocess',
    );
    const codes = error.code === undefined ? [undefined] : [error.code].flat();
    expectAuthored(codes.length > 0, `expected at least one code in .catch of "${error.id}"`);
    const boundaries = codes.map((code, index) =>
      site.graph.add({
        type: 'boundaryEvent',
        id: index === 0 ? error.id : `${error.id}.${index + 1}`,
        name: error.name ?? nameOf(error.id),
        parent: site.container,
        attachedTo: activity,
        interrupting: true,
        event: code === undefined ? { type: 'error' } : { type: 'error', code },
        result: error.id,
      }),
    );
    const known = new Map([...site.known, [error.id, null]]);
    const began = { known, last: [readerOf(error.id)], activity: null };
    const entry = joinPlaces(
      site,
      error.id,
      boundaries.map((exit) => ({ ...began, exits: [exit] })),
    );
    const { mapping: _, ...here } = site;
    const handled = addContent(content, {
      ...here,
      isScope: false,
      entry: entry.exits,
      known: entry.known,
      last: began.last,
    });
    return joinPlaces(site, activity, [place, handled]);
  };
}
