/** `call`: runs another workflow as a child and waits for its end. Cancelling the caller cancels it. */

import { inputOf, placeAfter, type Site } from './content.ts';
import type { Element } from './flow.ts';
import { checkId, nameOf } from './names.ts';
import type { Workflow } from './workflow-type.ts';

/** Which workflow is called. */
export interface CallOptions<Id extends string, Input, Output> {
  readonly id: Id;
  readonly name?: string;
  readonly workflow: Workflow<string, Input, Output>;
  /**
   * `pinned`: the version that was written here. `newest`: the newest that is deployed when the call
   * is made, whose input and output must still fit.
   *
   * @defaultValue 'pinned'
   */
  readonly version?: 'pinned' | 'newest';
}

/** Runs another workflow with the given input; its output is the child's. */
export function call<const Id extends string, Input, Output>(
  options: CallOptions<Id, Input, Output>,
): Element<Id, Input, Output, { readonly [Name in Id]: Output }, 'no'> {
  const { id, workflow } = options;
  checkId(id);
  return Object.freeze({
    id,
    compile: (site: Site) => {
      const exit = site.graph.add(
        {
          type: 'callActivity',
          id,
          name: options.name ?? nameOf(id),
          parent: site.container,
          result: id,
          calledProcess: workflow.id,
          ...(options.version !== 'newest' && { calledVersion: workflow.version }),
          input: inputOf(site),
        },
        site.entry,
      );
      return placeAfter(site, exit, null);
    },
  });
}
