/**
 * `compensate`: undoes what was done, last done first, and goes on when all of it is undone. It
 * undoes the steps of its own process or sub-process; in a handler of `.on`, those of the process or
 * sub-process that it listens in.
 */
import { expectAuthored } from '../model/authoring-error.ts';
import type { Site } from './content.ts';
import type { Element } from './flow.ts';
import type { Known } from './known.ts';
import { checkId, nameOf } from './names.ts';

/** What is undone. */
export interface CompensateOptions<Id extends string> {
  readonly id: Id;
  readonly name?: string;
  /** Undo only this step; without it everything that was done. */
  readonly step?: string;
}

/** Undoes completed steps. `inputData` behind it is what it was before it. */
export function compensate<const Id extends string, K extends Known = Known>(
  options: CompensateOptions<Id>,
): Element<Id, unknown, K['last'], unknown, 'no', K> {
  const { id, step } = options;
  checkId(id);
  return Object.freeze({
    id,
    compile: (site: Site) => {
      const { graph, known, last } = site;
      const exit = graph.add(
        {
          type: 'intermediateThrowEvent',
          id,
          name: options.name ?? nameOf(id),
          parent: site.container,
          event: { type: 'compensation', ...(step !== undefined && { activity: step }) },
        },
        site.entry,
      );
      if (step !== undefined) graph.finally(() => checkUndoable(site, id, step));
      return { exits: [exit], known, last, activity: null };
    },
  });
}

function checkUndoable(site: Site, id: string, step: string): void {
  const node = site.graph.get(step);
  const undoable = node && ('compensation' in node || node.type === 'subProcess');
  expectAuthored(
    undoable,
    `"${id}" undoes "${step}", which ${node ? 'has no compensation' : 'is no step of this workflow'}`,
  );
}
