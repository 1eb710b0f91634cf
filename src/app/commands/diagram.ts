/**
 * `orderloom diagram`: a picture of where an instance stands or of a whole process, from a program that runs, or of a
 * file, for which none is needed. A file without a diagram is laid out.
 */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { readDrawn, renderSvg } from '../../engine/index.ts';
import { CommandError } from '../api-client.ts';
import type { CommandContext } from '../command-context.ts';
import { newestOf } from './deploy.ts';
import { findInstance } from './processes.ts';

/** What is shown, and how. */
export interface DiagramOptions {
  readonly process?: boolean;
  readonly version?: string;
  readonly at?: string;
  readonly data?: boolean;
}

/** Prints one picture, or the data for one. */
export async function printDiagram(
  context: CommandContext,
  what: string,
  options: DiagramOptions,
): Promise<void> {
  if (/\.(bpmn|xml)$/i.test(what)) {
    if (options.data)
      throw new CommandError('--data: expected an instance or a process, found a file');
    process.stdout.write(await pictureOfFile(what));
    return;
  }
  const { api } = context;
  const kind = options.data || context.json ? 'diagram-data' : 'diagram';
  const path = await pathOf(context, what, options);
  const query = options.at === undefined ? {} : { at: options.at };
  if (kind === 'diagram') process.stdout.write(await api.getText(`${path}/diagram`, query));
  else console.log(JSON.stringify(await api.get(`${path}/diagram-data`, query), null, 2));
}

async function pathOf(
  context: CommandContext,
  what: string,
  { process: isProcess, version, at }: DiagramOptions,
): Promise<string> {
  if (!isProcess && version === undefined) {
    const { id } = await findInstance(context, what, undefined);
    return `/processes/${encodeURIComponent(id)}`;
  }
  if (at !== undefined) throw new CommandError('--at: expected an instance, found a process');
  const wanted = version ?? (await newestOf(context.api, what));
  return `/process-definitions/${encodeURIComponent(what)}/versions/${encodeURIComponent(wanted)}`;
}

async function pictureOfFile(path: string): Promise<string> {
  let xml: string;
  try {
    xml = await readFile(path, 'utf8');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandError(`Expected a file to draw, found none that can be read: ${why}`);
  }
  const name = basename(path);
  const drawn = await readDrawn({ name, xml });
  if ('unreadable' in drawn) throw new CommandError(`Expected BPMN 2.0: ${drawn.unreadable}`);
  if ('elements' in drawn) {
    throw new CommandError(
      `Expected a process that can be drawn, found ${drawn.elements} elements.`,
    );
  }
  return renderSvg(drawn.drawings, { title: name, description: `The processes of ${name}.` });
}
