/**
 * Every file of the project that is derived from its own code: contracts and reference pages. What is
 * committed is what this gives; a test and `orderloom contracts --check` compare the two.
 */
import type { Command } from 'commander';
import { stringify } from 'yaml';
import { asyncApiDocument, openApiDocument } from '../../http/index.ts';
import { programInfo } from '../program-info.ts';
import { bpmnPage } from './bpmn-page.ts';
import { commandLinePage } from './command-line-page.ts';
import { lineActivationPicture } from './docs-pictures.ts';
import { engineRestPage } from './engine-rest-page.ts';
import { readManifests } from './manifests.ts';
import { errorsPage, eventsPage, permissionsPage, settingsPage } from './reference-pages.ts';

/** Texts by path from the project's root. */
export async function derivedFiles(program: Command): Promise<ReadonlyMap<string, string>> {
  const modules = readManifests();
  const yaml = (document: unknown) =>
    '# Written by `npm run contracts`; not to be edited.\n' +
    stringify(document, { aliasDuplicateObjects: false, lineWidth: 100 });
  return new Map([
    ['contracts/asyncapi.yaml', yaml(asyncApiDocument(modules, programInfo))],
    ['contracts/openapi.yaml', yaml(openApiDocument(modules, programInfo))],
    ['docs/images/line-activation.svg', await lineActivationPicture()],
    ['docs/reference/bpmn.md', bpmnPage()],
    ['docs/reference/command-line.md', commandLinePage(program)],
    ['docs/reference/engine-rest.md', engineRestPage()],
    ['docs/reference/errors.md', errorsPage(modules)],
    ['docs/reference/events.md', eventsPage(modules)],
    ['docs/reference/permissions.md', permissionsPage(modules)],
    ['docs/reference/settings.md', settingsPage()],
  ]);
}
