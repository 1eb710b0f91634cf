/**
 * Transactions: sub-processes that end in one of three ways. They complete; a cancel end in them revokes
 * them, which undoes what was done in them, last first, and then leaves by the cancel event at their edge; or
 * something goes wrong that nobody foresaw in them (a hazard), and an error event at their edge goes on
 * without anything being undone. Of several runs of a transaction one revokes all.
 */
import { assert } from '../../kernel/errors.ts';
import type { ElementInstance } from '../model/state.ts';
import type { Moves } from './moves.ts';

/** The token of a cancel end is consumed, and the transaction around it is revoked. */
export function cancelTransaction(t: Moves, n: number): void {
  const { n: host, node, revoked } = transactionAround(t, t.element(n));
  t.consume(n);
  if (revoked) return;
  t.record('transaction.cancelled', node, host);
  t.clear(host, 'loop');
  t.patch(host, { revoked: true });
  // From here on it has one way to end; only an error of what undoes it is still caught at its edge.
  t.dropWaits(host, () => true);
  t.terminateChildren(host);
}

/** The transaction as a whole, with all of its runs. */
function transactionAround(t: Moves, element: ElementInstance): ElementInstance {
  let at = element;
  while (!isTransaction(t, at)) {
    assert(at.parent !== 0, `"${element.node}" lies in no transaction`);
    at = t.element(at.parent);
  }
  const around = t.has(at.parent) ? t.element(at.parent) : at;
  return around.node === at.node ? around : at;
}

/** Whether an element instance is a transaction, or the loop around its runs. */
export function isTransaction(t: Moves, { node: id }: ElementInstance): boolean {
  if (id === '') return false;
  const node = t.node(id);
  return node.type === 'subProcess' && node.transaction === true;
}
