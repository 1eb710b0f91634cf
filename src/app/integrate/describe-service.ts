/**
 * Describes a service from its OpenAPI document. Everything that cannot be mapped is told at once, and
 * then nothing is written: half an integration would fail where nobody looks for it.
 */
import { CommandError } from '../api-client.ts';
import { describeEvent, placedEvents } from './describe-events.ts';
import { describeOperation } from './describe-operations.ts';
import type { DescribedService } from './integration-source.ts';
import { isJson, type Json } from './read-service-document.ts';
import { Problems, ReferencedDocument } from './references.ts';
import { isChosen, placedOperations, takeDocument } from './take-document.ts';
import { ZodSource } from './zod-source.ts';

/** A service and what is kept of its document. */
export interface TakenService {
  readonly service: DescribedService;
  readonly kept: Json;
}

/** Describes what was chosen; `only` are patterns of names, all when absent. */
export function describeService(options: {
  readonly document: Json;
  readonly name: string;
  readonly only?: readonly string[] | undefined;
  /** For messages. */
  readonly source: string;
}): TakenService {
  const { name, only, source } = options;
  const problems = new Problems();
  const document = new ReferencedDocument(options.document, problems);
  const schemas = new ZodSource(document);
  const placed = placedOperations(document).filter((one) => isChosen(one.name, only));
  const operations = placed.map((one) => describeOperation(one, document, schemas, name));
  const events = placedEvents(document, placed)
    .filter((one) => isChosen(one.name, only))
    .map((one) => describeEvent(one, document, schemas))
    .filter((one) => one !== null);
  if (operations.length + events.length === 0) {
    throw new CommandError(
      `${source}: expected operations${only ? ` like ${only.join(', ')}` : ''}, found none`,
    );
  }
  const { list } = problems;
  if (list.length > 0) {
    throw new CommandError(
      `${source}: ${list.length} ${list.length === 1 ? 'thing' : 'things'} cannot be mapped; nothing was ` +
        `written. Mend the document, or choose operations with --only:\n${list.map((one) => `  ${one}`).join('\n')}`,
    );
  }
  return {
    kept: takeDocument(document, placed, only),
    service: {
      name,
      title: titleOf(options.document),
      basePath: basePathOf(options.document),
      credential: credentialOf(options.document),
      operations,
      events,
      declarations: schemas.declarations(),
      usesAllDifferent: schemas.usesAllDifferent,
    },
  };
}

function titleOf({ info }: Json): string {
  return isJson(info) && typeof info.title === 'string' ? info.title.slice(0, 200) : 'Untitled';
}

/** The path of the first server: the address itself is configuration. */
function basePathOf({ servers }: Json): string {
  const [first] = Array.isArray(servers) ? servers : [];
  const url = isJson(first) && typeof first.url === 'string' ? first.url : '/';
  const plain = url.replace(/\{[^}]*\}/g, 'x');
  const { pathname } = URL.canParse(plain, 'http://here')
    ? new URL(plain, 'http://here')
    : { pathname: '/' };
  return pathname.replace(/\/+$/, '');
}

/** An API key in a header where the service takes one, since it never expires; else a bearer token. */
function credentialOf({ components }: Json): DescribedService['credential'] {
  const schemes =
    isJson(components) && isJson(components.securitySchemes) ? components.securitySchemes : {};
  const list = Object.values(schemes).filter(isJson);
  const key = list.find((one) => one.type === 'apiKey' && one.in === 'header');
  if (typeof key?.name === 'string' && /^[\w-]+$/.test(key.name)) {
    return { header: key.name.toLowerCase(), prefix: '' };
  }
  const bearer = list.some(
    (one) =>
      one.type === 'oauth2' ||
      one.type === 'openIdConnect' ||
      (one.type === 'http' && one.scheme === 'bearer'),
  );
  return bearer ? { header: 'authorization', prefix: 'Bearer ' } : null;
}
