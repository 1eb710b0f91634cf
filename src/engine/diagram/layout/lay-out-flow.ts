/** Lays a flow graph out from left to right: columns, then heights, then ways. Pure; the same graph looks the same. */

import { columnsOf } from './columns.ts';
import type { FlowBox, FlowEdge, LaidOutFlow } from './flow-graph.ts';
import { rowsOf } from './rows.ts';
import { waysOf } from './ways.ts';

/** Boxes do not overlap, ways are orthogonal and lead through no box. */
export function layOutFlow(
  boxes: readonly FlowBox[],
  edges: readonly FlowEdge[],
  lanes?: number,
): LaidOutFlow {
  const columns = columnsOf(boxes, edges);
  const rows = rowsOf(columns, lanes);
  const { above, below, ...placed } = waysOf(columns, rows);
  const heights = rows.lanes.map(
    (height, lane) =>
      height + (lane === 0 ? above : 0) + (lane === rows.lanes.length - 1 ? below : 0),
  );
  return { ...placed, height: rows.height + above + below, lanes: heights };
}
