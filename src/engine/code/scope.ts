/** Containers: adds the start, the content and the end of a process or sub-process. */
import type { StartEvent } from '../model/process-model.ts';
import { addContent, type Content, type Knowledge, type Place, type Site } from './content.ts';

/** What is different inside of a container. */
export interface Inside {
  readonly container: string | null;
  /** The id of the start event and, with `.end`, of the end event. */
  readonly start: Pick<StartEvent, 'id' | 'name' | 'event' | 'result' | 'interrupting'>;
  readonly endId: string;
  readonly known: Knowledge;
  /** What had been known when it began, if that is not what its first step knows. */
  readonly outer?: Knowledge;
  readonly last: Site['last'];
}

/** Adds a container's content between its start and its end event. */
export function addInside(site: Site, inside: Inside, content: Content): Place {
  const { graph } = site;
  const { container, known, last } = inside;
  const entry = graph.add({ type: 'startEvent', parent: container, ...inside.start });
  const place = addContent(content, {
    graph,
    container,
    concurrent: false,
    isScope: true,
    entry: [entry],
    known,
    outer: inside.outer ?? known,
    last,
    readInput: site.readInput,
    inputSchema: site.inputSchema,
  });
  if (place.exits.length > 0) {
    graph.add(
      { type: 'endEvent', id: inside.endId, name: 'End', parent: container, event: null },
      place.exits,
    );
  }
  return place;
}
