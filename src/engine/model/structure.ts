/**
 * The structure of a model without its functions: what the database keeps of a definition. It is
 * enough to tell where an instance stands and how its elements hang together, also when the code of
 * that version is gone.
 */
import { createHash } from 'node:crypto';
import type { EventDefinitionModel, FlowNode, ProcessModel } from './process-model.ts';
import { isActivity } from './process-model.ts';

/** A definition as the database keeps it. */
export interface Structure {
  readonly nodes: readonly StructureNode[];
  readonly flows: readonly {
    readonly id: string;
    readonly source: string;
    readonly target: string;
  }[];
}

/** What an event waits for or throws. */
export interface StructureEvent {
  readonly type: string;
  readonly message?: string;
  readonly correlation?: readonly string[];
  readonly code?: string;
  readonly signal?: string;
  readonly link?: string;
  readonly parallel?: boolean;
  readonly events?: readonly StructureEvent[];
}

/** A node without functions. Absent fields mean "none". */
export interface StructureNode {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly parent: string | null;
  readonly attachedTo?: string;
  readonly event?: StructureEvent;
  /** Id of the activity that undoes it. */
  readonly compensation?: string;
  readonly loop?: { readonly sequential: boolean; readonly standard?: boolean };
  readonly calledProcess?: string;
  /** Of a sub-process that is more than a scope. */
  readonly kind?: SubProcessKind;
}

/** Sub-processes that are more than a scope. */
export type SubProcessKind = 'transaction' | 'ad-hoc';

/** The structure of a model; equal structures have equal JSON. */
export function structureOf(model: ProcessModel): Structure {
  const nodes = Object.values(model.nodes).map((node) => ({
    id: node.id,
    type: node.type,
    name: node.name,
    parent: node.parent,
    ...('attachedTo' in node ? { attachedTo: node.attachedTo } : {}),
    ...('event' in node && node.event ? { event: eventSummary(node.event) } : {}),
    ...(isActivity(node) && node.compensation ? { compensation: node.compensation } : {}),
    ...(isActivity(node) && node.multiInstance
      ? { loop: { sequential: node.multiInstance.sequential } }
      : {}),
    ...(isActivity(node) && node.standardLoop
      ? { loop: { sequential: true, standard: true } }
      : {}),
    ...(kindOfSubProcess(node) ? { kind: kindOfSubProcess(node) as SubProcessKind } : {}),
    ...(node.type === 'callActivity' ? { calledProcess: node.calledProcess } : {}),
  }));
  const flows = Object.values(model.flows).map(({ id, source, target }) => ({
    id,
    source,
    target,
  }));
  return { nodes, flows };
}

/** Digest of the structure: two models with the same digest can take over each other's instances. */
export function digestOf(model: ProcessModel): string {
  return createHash('sha256')
    .update(JSON.stringify(structureOf(model)))
    .digest('hex');
}

/** What a sub-process is more than a scope; null for all else. */
export function kindOfSubProcess(node: FlowNode): SubProcessKind | null {
  if (node.type !== 'subProcess') return null;
  if (node.adHoc) return 'ad-hoc';
  return node.transaction ? 'transaction' : null;
}

function eventSummary(event: EventDefinitionModel): StructureEvent {
  switch (event.type) {
    case 'message':
      return {
        type: 'message',
        message: event.message,
        correlation: event.correlation.map(({ field }) => field),
      };
    case 'error':
    case 'escalation':
      return { type: event.type, ...(event.code === undefined ? {} : { code: event.code }) };
    case 'signal':
      return { type: 'signal', signal: event.signal };
    case 'link':
      return { type: 'link', link: event.link };
    case 'multiple': {
      const { parallel, events } = event;
      return { type: 'multiple', parallel, events: events.map(eventSummary) };
    }
    default:
      return { type: event.type };
  }
}
