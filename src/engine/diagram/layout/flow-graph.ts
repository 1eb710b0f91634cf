/**
 * A graph to be laid out from left to right: boxes of known size, and the flows between them. It knows nothing
 * of BPMN but what matters for the way: gateways are entered and left on all sides, boundary events leave
 * downwards, everything else is entered on the left and left on the right.
 */
import type { Box, Point } from '../geometry.ts';

/** Room kept free around a box: for its label, what hangs at its edge, and notes beside it. */
export interface Margins {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** A box to be placed. */
export interface FlowBox {
  readonly id: string;
  readonly width: number;
  readonly height: number;
  readonly margins: Margins;
  /** It may be left and entered at the top and at the bottom, too. */
  readonly isGateway: boolean;
  /** Nothing may leave or enter there: a label or a note is in the way. */
  readonly isTopTaken: boolean;
  readonly isBottomTaken: boolean;
  /** Number of the lane that it lies in, from the top; 0 without lanes. */
  readonly lane: number;
}

/** A flow to be drawn. */
export interface FlowEdge {
  readonly id: string;
  readonly source: string;
  readonly target: string;
  /** Room for its label; 0 without one. */
  readonly label: { readonly width: number; readonly height: number };
  /** Present: it leaves an event that hangs at the lower edge of the source. */
  readonly boundary?: BoundaryExit;
}

/** Where a flow leaves an event at the edge of a box. */
export interface BoundaryExit {
  readonly event: string;
  /** From the middle of the box to that of the event. */
  readonly dx: number;
  /** From the middle of the box to the lower end of the event. */
  readonly dy: number;
  /** From the middle of the box to the height at which the flow may turn right, below all labels. */
  readonly turn: number;
}

/** Where everything is. */
export interface LaidOutFlow {
  readonly boxes: ReadonlyMap<string, Box>;
  readonly ways: ReadonlyMap<string, readonly Point[]>;
  /** Of flows that have one. */
  readonly labels: ReadonlyMap<string, Box>;
  /** Around everything, from the origin. */
  readonly width: number;
  readonly height: number;
  /** Heights of the lanes, from the top; their sum is the height. */
  readonly lanes: readonly number[];
}
