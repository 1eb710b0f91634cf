/** The pages of `docs/reference` that follow from manifests and settings. Pure: the same in, the same out. */
import { z } from 'zod';
import { errorPages } from '../../http/index.ts';
import { type Role, roles } from '../../kernel/caller.ts';
import type { EventDefinition } from '../../kernel/event.ts';
import type { ModuleDefinition } from '../../kernel/module.ts';
import type { Procedure } from '../../kernel/procedure.ts';
import type { Setting } from '../settings/setting.ts';
import { settingGroups } from '../settings.ts';
import { code, markdownTable, pageHead } from './markdown.ts';

/** Every code that a problem can have, and which operations answer with it. */
export function errorsPage(modules: readonly ModuleDefinition[]): string {
  const pages = [...errorPages(modules).values()];
  const owners = [...new Set(pages.map(({ module }) => module))];
  const sections = owners.map((owner) => {
    const rows = pages
      .filter(({ module }) => module === owner)
      .map((page) => [
        code(page.code),
        String(page.status),
        page.title,
        page.procedures.map(code).join(', ') || 'any',
      ]);
    return `## ${owner}\n\n${markdownTable(['Code', 'Status', 'Meaning', 'Answered by'], rows)}\n`;
  });
  const introduction = [
    'A refusal is answered as `application/problem+json` (RFC 9457). `code` is stable and never used',
    'again for another meaning; `detail` says what was expected, what was found and what to do; `errors`',
    'names each field. A process can catch the same code. `GET /errors/<code>` explains a code.',
    '',
    'A field of the body or a parameter of the query that an operation does not know is `INVALID_INPUT`, with the name',
    'that was probably meant: nothing that is sent is dropped in silence. Webhooks, topics and `/engine-rest` take',
    'what they do not know, and read what they do.',
    '',
    'When an outside system fails, the code is that of the fault: `GATEWAY_…`, `COURIER_…` or `MAIL_…`,',
    'with status 503 or 504 and `Retry-After` while a repeat may help, and 502 when it will not.',
  ].join('\n');
  return [pageHead('Error codes', introduction), ...sections].join('\n');
}

/** Who may call what. */
export function permissionsPage(modules: readonly ModuleDefinition[]): string {
  const sections = modules
    .filter(({ procedures }) => procedures.length > 0)
    .map(({ name, summary, procedures }) => {
      const rows = procedures.map((procedure) => [
        code(procedure.name),
        procedure.http ? code(`${procedure.http.method} ${procedure.http.path}`) : '',
        ...['anybody' as const, ...roles].map((role) => (mayCall(procedure, role) ? '✓' : '')),
      ]);
      return `## ${name}\n\n${summary}.\n\n${markdownTable(['Procedure', 'Route', 'anybody', ...roles], rows)}\n`;
    });
  const introduction = [
    'The roles that may call each procedure. Routes are below `/api/v1` (`/api` is an alias); a procedure',
    'without a route is called by processes only. `service` is another program with an API key, and the',
    'engine itself. Beyond this, buyers see and change only what is their own.',
  ].join('\n');
  return [pageHead('Permissions', introduction), ...sections].join('\n');
}

function mayCall({ access }: Procedure, role: Role | 'anybody'): boolean {
  if (access === 'public') return true;
  if (role === 'anybody') return false;
  return access === 'authenticated' || access.includes(role);
}

/** Every event with its payload and who emits it. */
export function eventsPage(modules: readonly ModuleDefinition[]): string {
  const procedures = modules.flatMap((module) => module.procedures);
  const sections = modules
    .filter(({ events }) => events.length > 0)
    .map(({ name, events }) => {
      const each = events.map((event) => eventSection(event, emitters(event, procedures)));
      return `## ${name}\n\n${each.join('\n')}`;
    });
  const introduction = [
    'An event is recorded in the transaction of the change that it tells of: it is published if, and only',
    'if, that change was committed. Processes start and go on by them. Events named `….trigger.…` say to',
    'processes what the outside or a person has decided.',
  ].join('\n');
  return [pageHead('Events', introduction), ...sections].join('\n');
}

function emitters(event: EventDefinition, procedures: readonly Procedure[]): readonly string[] {
  return procedures
    .filter(({ emits }) => emits?.some(({ name }) => name === event.name))
    .map(({ name }) => code(name));
}

interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly description?: string;
}

function eventSection(event: EventDefinition, emittedBy: readonly string[]): string {
  const schema = z.toJSONSchema(event.payload, {
    io: 'output',
    unrepresentable: 'any',
  }) as JsonSchema;
  const required = new Set(schema.required ?? []);
  const rows = Object.entries(schema.properties ?? {}).map(([name, field]) => [
    code(name),
    `${typeText(field)}${required.has(name) ? '' : ', optional'}`,
    field.description ?? '',
  ]);
  const by = emittedBy.length === 0 ? 'the program itself' : emittedBy.join(', ');
  const fields = markdownTable(['Field', 'Type', 'Meaning'], rows);
  const followed = event.forOwner ? ' The user whom it names may follow it.' : '';
  return `### ${event.name}\n\n${event.summary}. Version ${event.version}; emitted by ${by}.${followed}\n\n${fields}\n`;
}

function typeText(schema: JsonSchema): string {
  if (schema.const !== undefined) return code(JSON.stringify(schema.const));
  if (schema.enum) return schema.enum.map((value) => code(String(value))).join(' or ');
  if (schema.anyOf) return schema.anyOf.map(typeText).join(' or ');
  if (schema.type === 'array') return `list of ${schema.items ? typeText(schema.items) : 'values'}`;
  const type = typeof schema.type === 'string' ? schema.type : (schema.type?.join(' or ') ?? 'any');
  return schema.format === undefined ? type : `${type} (${schema.format})`;
}

/** Every setting with its default. */
export function settingsPage(): string {
  const titles = ['Variable', 'What it is for', 'Default', 'Secret'];
  const sections = settingGroups.map((group) => {
    const rows = Object.entries<Setting<z.ZodType>>(group.settings).map(
      ([name, { summary, schema, secret, otherwise }]) => [
        code(name),
        summary,
        otherwise ?? code(String(schema.safeParse(undefined).data)),
        secret ? 'yes' : '',
      ],
    );
    return `## ${group.title}\n\n${markdownTable(titles, rows)}\n`;
  });
  const client = [
    [
      code('ORDERLOOM_URL'),
      'Where the client commands find the program',
      code('http://localhost:<PORT>'),
      '',
    ],
    [code('ORDERLOOM_TOKEN'), 'Access token of the client commands', 'none', 'yes'],
  ];
  const introduction = [
    'Settings are environment variables. They are checked at start, all of them at once, and a message',
    'names the variable, what was expected and what was found. `orderloom config` shows the settings of',
    'this machine; of secrets it says only whether they are set.',
  ].join('\n');
  return [
    pageHead('Settings', introduction),
    ...sections,
    `## Client commands\n\n${markdownTable(titles, client)}\n`,
  ].join('\n');
}
