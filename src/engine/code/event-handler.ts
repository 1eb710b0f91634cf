/** `.on`: event sub-processes, which listen as long as their process or sub-process runs. */
import { type Content, readerOf, type Site } from './content.ts';
import type { WaitElement } from './flow.ts';
import { addInside } from './scope.ts';

/** Adds a handler of a message to the container of the site. */
export function addEventHandler(
  event: WaitElement<string, unknown, never>,
  content: Content,
  interrupting: boolean,
): (site: Site) => void {
  return (site) => {
    const { id, name, message, schema } = event.start(
      { ...site, known: site.outer, last: [] },
      'handler',
    );
    const container = `${id}.handler`;
    site.graph.add({
      type: 'subProcess',
      id: container,
      name,
      parent: site.container,
      triggeredByEvent: true,
    });
    addInside(
      site,
      {
        container,
        start: { id, name, event: message, result: id, interrupting },
        endId: `${container}.end`,
        known: new Map([...site.outer, [id, schema]]),
        last: [readerOf(id)],
      },
      content,
    );
  };
}
