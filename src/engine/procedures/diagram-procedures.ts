/** Procedures that show processes: a version as a picture, and where an instance of it stands, or all of them. */
import { z } from 'zod';
import type { Role } from '../../kernel/caller.ts';
import { isRefusal, type Refusal, refuse } from '../../kernel/errors.ts';
import { idSchema } from '../../kernel/ids.ts';
import { defineRead } from '../../kernel/procedure.ts';
import { nameSchema } from '../../kernel/text.ts';
import type { Transaction } from '../../kernel/transaction.ts';
import { type DrawnVersion, readDrawn } from '../diagram/drawn-version.ts';
import { instanceFacts } from '../diagram/instance-diagram.ts';
import { elementStates, type Marks, noMarks } from '../diagram/marks.ts';
import { renderSvg } from '../diagram/svg/render-svg.ts';
import type { Engine } from '../engine.ts';
import { PROCESS_NOT_FOUND } from '../errors.ts';
import type { ProcessModel } from '../model/process-model.ts';
import { readCounts } from '../store/count-store.ts';
import { readDrawing } from '../store/drawing-store.ts';
import { summarizedState } from '../store/large-values.ts';
import {
  diagramElementSchema,
  instanceElements,
  instanceMarks,
  markedElements,
  statisticsElements,
  versionMarks,
} from './diagram-marks.ts';
import { diagramTooLarge, instanceNotFound } from './errors.ts';
import { readHistory, readInstance } from './instance-queries.ts';
import { activeElements } from './instance-view.ts';
import { momentOf } from './moment.ts';
import { noInstance } from './process-procedures.ts';

const watchers = ['operator', 'manager', 'support', 'admin'] as const satisfies readonly Role[];

/** Entries of the history of one instance that are read for its picture. */
const longestHistory = 100_000;
/** Versions whose drawings are kept: one never changes. */
const mostKept = 50;

const versionInput = z.object({ process: nameSchema, version: z.coerce.number().int().min(1) });
const instanceInput = z.object({
  instanceId: idSchema,
  at: z.coerce
    .number()
    .int()
    .min(1)
    .optional()
    .describe('As it was after the entry of this sequence number'),
});
const svg = z.string().describe('SVG');

const diagramDataSchema = z.object({
  process: z.string(),
  version: z.number().int(),
  xml: z.string().describe('BPMN 2.0 with a diagram, for importXML'),
  elements: z.array(diagramElementSchema),
  taken: z.array(z.string()).describe('Sequence flows of the drawing that tokens have taken'),
  markers: z
    .array(z.object({ element: z.string(), marker: z.string() }))
    .describe('For canvas.addMarker(element, marker)'),
  overlays: z
    .array(
      z.object({
        element: z.string(),
        type: z.string(),
        position: z.object({ top: z.number(), right: z.number() }),
        state: z.enum(elementStates),
        count: z.number().int(),
        title: z.string(),
      }),
    )
    .describe('For overlays.add(element, type, { position, html }): `html` is yours to make'),
});

/** The procedures over diagrams of an engine. */
export function diagramProcedures(engine: () => Engine) {
  const kept = new Map<string, DrawnVersion>();

  /** The drawing of a version, read once. */
  async function drawnVersion(
    tx: Transaction,
    process: string,
    version: number,
  ): Promise<DrawnVersion | Refusal<'PROCESS_NOT_FOUND' | 'DIAGRAM_TOO_LARGE'>> {
    const key = `${version} ${process}`;
    const known = kept.get(key);
    if (known) return known;
    const drawing = await readDrawing(tx, process, version);
    const xml = drawing?.xml ?? (await engine().drawings.draw(process, version));
    if (xml === null) {
      return refuse(
        PROCESS_NOT_FOUND,
        `expected a version of a process that the program has, found "${process}" version ${version}`,
      );
    }
    const read = await readDrawn({ name: drawing?.name ?? process, xml }, process);
    if (!('drawings' in read)) {
      const found = 'elements' in read ? `${read.elements} elements` : read.unreadable;
      return refuse(diagramTooLarge, `expected a process that can be drawn, found ${found}`);
    }
    kept.set(key, read);
    const [oldest] = kept.keys();
    if (kept.size > mostKept && oldest !== undefined) kept.delete(oldest);
    return read;
  }

  async function versionCounts(tx: Transaction, process: string, version: number) {
    const rows = await readCounts(tx, { process, version, withDone: true });
    return statisticsElements(engine().model(process, version), rows);
  }

  /** An instance with its drawing, and where it stands. */
  async function standing(tx: Transaction, { instanceId, at }: z.output<typeof instanceInput>) {
    const row = await readInstance(tx, instanceId);
    if (!row) return noInstance(instanceId);
    const drawn = await drawnVersion(tx, row.process, row.version);
    if (isRefusal(drawn)) return drawn;
    const model: ProcessModel | undefined = engine().model(row.process, row.version);
    const state = summarizedState(row.state);
    const lastSeq = state.seq - 1;
    const to = Math.min(at ?? lastSeq, lastSeq);
    const history = await readHistory(tx, row.id, { from: 1, to }, longestHistory);
    const isPast = to < lastSeq;
    const facts = model
      ? instanceFacts(model, {
          active: isPast ? momentOf(model, history).elements : activeElements(model, state),
          state: isPast ? undefined : state.elements,
          history: history.map(({ entry }) => entry),
        })
      : { elements: [], taken: new Set<string>() };
    return { row, drawn, facts, model };
  }

  const xml = defineRead({
    name: 'process-definitions.xml',
    summary: 'Give a version of a process as a file of BPMN 2.0 with its diagram',
    input: versionInput,
    output: z.string().describe('BPMN 2.0'),
    access: watchers,
    http: {
      method: 'GET',
      path: '/process-definitions/{process}/versions/{version}/xml',
      mediaType: 'application/xml',
    },
    errors: [PROCESS_NOT_FOUND, diagramTooLarge],
    async execute({ tx }, { process, version }) {
      const drawn = await drawnVersion(tx, process, version);
      return isRefusal(drawn) ? drawn : drawn.xml;
    },
  });

  const diagram = defineRead({
    name: 'process-definitions.diagram',
    summary: 'Show a version of a process as a picture (SVG), with what is where in its instances',
    input: versionInput.extend({
      statistics: z
        .stringbool()
        .or(z.boolean())
        .default(true)
        .describe('How many tokens and incidents there are at each element'),
    }),
    output: svg,
    access: watchers,
    http: {
      method: 'GET',
      path: '/process-definitions/{process}/versions/{version}/diagram',
      mediaType: 'image/svg+xml',
    },
    errors: [PROCESS_NOT_FOUND, diagramTooLarge],
    async execute({ tx }, { process, version, statistics }) {
      const drawn = await drawnVersion(tx, process, version);
      if (isRefusal(drawn)) return drawn;
      const name = engine().model(process, version)?.name ?? process;
      const marks: Marks = statistics
        ? versionMarks(await versionCounts(tx, process, version))
        : noMarks;
      return renderSvg(drawn.drawings, {
        title: `${name}, version ${version}`,
        description: statistics
          ? `The process ${name} with the number of tokens, incidents and completed runs at each element.`
          : `The process ${name} as it is drawn.`,
        marks,
      });
    },
  });

  const data = defineRead({
    name: 'process-definitions.diagram-data',
    summary: 'Give what bpmn-js needs to show a version of a process with its statistics',
    description:
      'The XML, and for each element how many tokens, incidents and completed runs there are, as markers ' +
      'and overlays. As quick with a million instances as with ten.',
    input: versionInput,
    output: diagramDataSchema,
    access: watchers,
    http: {
      method: 'GET',
      path: '/process-definitions/{process}/versions/{version}/diagram-data',
    },
    errors: [PROCESS_NOT_FOUND, diagramTooLarge],
    async execute({ tx }, { process, version }) {
      const drawn = await drawnVersion(tx, process, version);
      if (isRefusal(drawn)) return drawn;
      const elements = await versionCounts(tx, process, version);
      return { process, version, xml: drawn.xml, ...markedElements(elements, []) };
    },
  });

  const instanceDiagram = defineRead({
    name: 'processes.diagram',
    summary: 'Show as a picture (SVG) where an instance stands, or stood at a moment of its past',
    input: instanceInput,
    output: svg,
    access: watchers,
    http: { method: 'GET', path: '/processes/{instanceId}/diagram', mediaType: 'image/svg+xml' },
    errors: [instanceNotFound, PROCESS_NOT_FOUND, diagramTooLarge],
    async execute({ tx }, input) {
      const found = await standing(tx, input);
      if (isRefusal(found)) return found;
      const { row, drawn, facts, model } = found;
      const name = model?.name ?? row.process;
      const about = row.business_key === null ? '' : ` about ${row.business_key}`;
      const marks = instanceMarks(facts, drawn.flows, model);
      const now = [...marks.elements]
        .filter(([, { state }]) => state !== 'completed' && state !== 'cancelled')
        .map(([id, { note }]) => `${model?.nodes[id]?.name || id}: ${note}`);
      return renderSvg(drawn.drawings, {
        title: `${name}${about}: ${row.status}`,
        description: `Where instance ${row.id} of ${name} stands. ${now.join('; ') || 'Nothing is at work'}.`,
        marks,
      });
    },
  });

  const instanceData = defineRead({
    name: 'processes.diagram-data',
    summary: 'Give what bpmn-js needs to show where an instance stands, or stood',
    description:
      'The XML, the state of each element with its counts, incidents and what it waits for, the flows that ' +
      'were taken, and the same as markers and overlays.',
    input: instanceInput,
    output: diagramDataSchema.extend({ instanceId: idSchema, status: z.string() }),
    access: watchers,
    http: { method: 'GET', path: '/processes/{instanceId}/diagram-data' },
    errors: [instanceNotFound, PROCESS_NOT_FOUND, diagramTooLarge],
    async execute({ tx }, input) {
      const found = await standing(tx, input);
      if (isRefusal(found)) return found;
      const { row, drawn, facts, model } = found;
      const { taken } = instanceMarks(facts, drawn.flows, model);
      return {
        instanceId: row.id,
        status: row.status,
        process: row.process,
        version: row.version,
        xml: drawn.xml,
        ...markedElements(instanceElements(facts, model), [...taken]),
      };
    },
  });

  return [xml, diagram, data, instanceDiagram, instanceData];
}
