/**
 * Takes from a document what an integration keeps: the chosen operations, the events, and every
 * component that these need. What is kept says where it is from, with a digest of its content, and is
 * the same text whenever the service says the same.
 */
import { createHash } from 'node:crypto';
import { stringify } from 'yaml';
import { CommandError } from '../api-client.ts';
import { methods, nameOfOperation, type PlacedOperation } from './describe-operations.ts';
import { isJson, type Json } from './read-service-document.ts';
import type { ReferencedDocument } from './references.ts';

/** Where a kept document is from; it stands in it as `x-integration`. */
export interface Origin {
  readonly source: string;
  /** SHA-256 of what is kept, without this. */
  readonly sha256: string;
  /** Patterns of the operations and events that were chosen; absent: all. */
  readonly only?: readonly string[];
}

/** More operations than this are no interface that a person chose. */
const mostOperations = 1_000;

/** Every operation, by the order of the document. Two of one name are a problem. */
export function placedOperations(document: ReferencedDocument): readonly PlacedOperation[] {
  const paths = isJson(document.root.paths) ? document.root.paths : {};
  const found: PlacedOperation[] = [];
  for (const [path, raw] of Object.entries(paths)) {
    const item = document.resolve(raw, path);
    for (const method of methods) {
      const operation = item?.[method];
      if (!item || !isJson(operation)) continue;
      const name = nameOfOperation(operation, method, path);
      if (!/^[A-Za-z][\w.-]{0,99}$/.test(name)) {
        document.problems.add(
          `${method.toUpperCase()} ${path}`,
          `"${name}" cannot name a procedure`,
        );
      } else if (found.some((one) => one.name === name)) {
        document.problems.add(
          `${method.toUpperCase()} ${path}`,
          `a second operation is named "${name}"`,
        );
      } else found.push({ name, method, path, item, operation });
    }
  }
  if (found.length <= mostOperations) return found;
  throw new CommandError(
    `expected at most ${mostOperations} operations, found ${found.length}; choose some with --only`,
  );
}

/** True when a name is chosen; in patterns `*` stands for anything. */
export function isChosen(name: string, only: readonly string[] | undefined): boolean {
  if (!only) return true;
  return only.some((pattern) => {
    const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    return new RegExp(`^${parts.join('.*')}$`).test(name);
  });
}

/** What is kept of the document, without its origin. */
export function takeDocument(
  document: ReferencedDocument,
  operations: readonly PlacedOperation[],
  only: readonly string[] | undefined,
): Json {
  const { root } = document;
  const paths: Record<string, Record<string, unknown>> = {};
  for (const { path, method, item, operation } of operations) {
    const { parameters } = item;
    paths[path] ??= parameters === undefined ? {} : { parameters };
    paths[path][method] = operation;
  }
  const webhooks = Object.entries({
    ...(isJson(root.webhooks) ? root.webhooks : {}),
    ...(isJson(root['x-webhooks']) ? root['x-webhooks'] : {}),
  }).filter(([name]) => isChosen(name, only));
  const { title, version } = isJson(root.info) ? root.info : {};
  const kept = {
    openapi: root.openapi,
    info: { title: String(title ?? 'Untitled'), version: String(version ?? '0') },
    ...(root.servers === undefined ? {} : { servers: root.servers }),
    ...(root.security === undefined ? {} : { security: root.security }),
    paths,
    ...(webhooks.length === 0 ? {} : { webhooks: Object.fromEntries(webhooks) }),
  };
  const components = componentsOf(root, kept);
  return Object.keys(components).length === 0 ? kept : { ...kept, components };
}

/** The components that are referred to, directly or by each other, and the security schemes. */
function componentsOf(root: Json, kept: Json): Json {
  const all = isJson(root.components) ? root.components : {};
  const components: Record<string, Record<string, unknown>> = {};
  const open: unknown[] = [kept];
  const seen = new Set<string>();
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (typeof value !== 'object' || value === null) continue;
    for (const [name, part] of Object.entries(value)) {
      if (name !== '$ref' || typeof part !== 'string' || seen.has(part)) {
        if (part !== null && typeof part === 'object') open.push(part);
        continue;
      }
      seen.add(part);
      const [, section = '', component = ''] = /^#\/components\/([^/]+)\/([^/]+)/.exec(part) ?? [];
      const key = decodeURIComponent(component).replaceAll('~1', '/').replaceAll('~0', '~');
      const group = all[section];
      if (!isJson(group) || !Object.hasOwn(group, key)) continue;
      components[section] ??= {};
      components[section][key] = group[key];
      open.push(group[key]);
    }
  }
  const { securitySchemes } = all;
  return isJson(securitySchemes) ? { ...components, securitySchemes } : components;
}

/** JSON whose fields are sorted, so that equal content is equal text. */
export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJson(value)) return value;
  const names = Object.keys(value).sort();
  return Object.fromEntries(names.map((name) => [name, sorted(value[name])]));
}

/** SHA-256 of the content, however it was written. */
export function digestOf(kept: Json): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(kept)))
    .digest('hex');
}

/** The text of `openapi.yaml`. */
export function documentText(kept: Json, origin: Origin): string {
  const { openapi, info, ...rest } = sorted(kept) as Json;
  const whole = { openapi, info, 'x-integration': origin, ...rest };
  const yaml = stringify(whole, { aliasDuplicateObjects: false, lineWidth: 100 });
  return `# Written by \`orderloom integrate\`; not to be edited.\n${yaml}`;
}

/** What a kept document says of where it is from; null when it is no such document. */
export function originOf(document: Json): Origin | null {
  const mark = document['x-integration'];
  if (!isJson(mark) || typeof mark.source !== 'string' || typeof mark.sha256 !== 'string')
    return null;
  const { source, sha256, only } = mark;
  const chosen = Array.isArray(only) ? only.filter((one) => typeof one === 'string') : undefined;
  return { source, sha256, ...(chosen ? { only: chosen } : {}) };
}
