/** Counting the tokens that come to a join, and what becomes of those that came for the next round. */
import type { ElementContext } from '../element.ts';

/** Notes a token that came by a flow; a look again at a join that waits notes none. */
export function arrive(context: ElementContext, n: number, via: string | undefined): void {
  const arrived: Record<string, number> = { ...context.element(n).arrived };
  if (via !== undefined) arrived[via] = (arrived[via] ?? 0) + 1;
  context.patch(n, { arrived });
}

/** The tokens that are left when one was taken from each of these flows begin the next join. */
export function leftOver(
  context: ElementContext,
  join: string,
  scope: number,
  arrived: Readonly<Record<string, number>>,
  taken: readonly string[],
): void {
  for (const [flow, count] of Object.entries(arrived)) {
    const left = taken.includes(flow) ? count - 1 : count;
    for (let i = 0; i < left; i += 1) context.enter(join, scope, { via: flow });
  }
}
