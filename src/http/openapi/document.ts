/** The OpenAPI 3.1 document of the program, derived from the manifests and nothing else. */
import { cloudEventOf } from '../../kernel/cloud-event.ts';
import type { EventDefinition } from '../../kernel/event.ts';
import type { ModuleDefinition } from '../../kernel/module.ts';
import type { Procedure } from '../../kernel/procedure.ts';
import type { WebhookDefinition } from '../../kernel/webhook.ts';
import { webhookSignatureHeader } from '../../kernel/webhook-signature.ts';
import { invalidInput } from '../../procedures/index.ts';
import {
  internal,
  malformedJson,
  webhookSignatureExpired,
  webhookSignatureInvalid,
  webhookSignatureMissing,
} from '../errors.ts';
import type { ApiInfo } from '../options.ts';
import { secondAt } from '../second-procedure.ts';
import { componentName, operationOf } from './operation.ts';
import { problemResponses, problemSchema } from './responses.ts';
import { type JsonSchema, SchemaComponents } from './schemas.ts';

/** Pure: the same manifests give the same document, text for text. */
export function openApiDocument(modules: readonly ModuleDefinition[], info: ApiInfo): JsonSchema {
  const components = new SchemaComponents();
  components.add('Problem', problemSchema);
  const paths: Record<string, JsonSchema> = {};
  const all = modules.flatMap(({ procedures }) => procedures);
  for (const { name, procedures } of modules) {
    for (const procedure of procedures) {
      const { http } = procedure;
      if (!http) continue;
      const second = secondAt(http, all);
      const operation = operationOf(procedure, http, { tag: name, components, second });
      paths[http.path] = { ...paths[http.path], [http.method.toLowerCase()]: operation };
    }
  }
  for (const { name: tag, webhooks = [] } of modules) {
    for (const webhook of webhooks) {
      const procedure = all.find(({ name }) => name === webhook.procedure);
      paths[`/webhooks/${webhook.name}`] = webhookPath(webhook, procedure, tag, components);
    }
  }
  return {
    openapi: '3.1.1',
    info: { ...info, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    servers: [{ url: '/api/v1', description: 'This server; /api is an alias' }],
    tags: modules
      .filter(({ procedures, webhooks }) => webhooks?.length || procedures.some(({ http }) => http))
      .map(({ name, summary }) => ({ name, description: summary })),
    paths,
    ...eventWebhooks(modules, components),
    components: {
      schemas: components.all(),
      parameters: { IdempotencyKey: idempotencyKey },
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
      },
    },
  };
}

/** What is sent to subscribers, one webhook for each event. `x-event` is for programs that read this. */
function eventWebhooks(
  modules: readonly ModuleDefinition[],
  components: SchemaComponents,
): { readonly webhooks?: JsonSchema } {
  const webhooks = modules.flatMap(({ name: tag, events }) =>
    events.map((event) => [event.name, eventWebhook(event, tag, components)] as const),
  );
  return webhooks.length === 0 ? {} : { webhooks: Object.fromEntries(webhooks) };
}

function eventWebhook(
  event: EventDefinition,
  tag: string,
  components: SchemaComponents,
): JsonSchema {
  const schema = components.convert(
    cloudEventOf(event),
    'output',
    `${componentName(event.name)}Event`,
  );
  return {
    post: {
      operationId: `events.${event.name}`,
      summary: event.summary,
      tags: [tag],
      'x-event': { version: event.version, payload: 'data', ...keyField(event) },
      parameters: [{ ...signatureParameter, required: true }],
      requestBody: { required: true, content: { 'application/json': { schema } } },
      responses: { '2XX': { description: 'Taken in; anything else is sent again' } },
      security: [],
    },
  };
}

/** The field that keeps the order, found by asking the definition; absent when it is none by itself. */
function keyField({ key }: EventDefinition): { readonly key?: string } {
  const asked: string[] = [];
  const payload = new Proxy(
    {},
    {
      get(_, name) {
        asked.push(String(name));
        return `the field ${String(name)}`;
      },
    },
  );
  try {
    const found = key(payload);
    const [field] = asked;
    return field !== undefined && found === `the field ${field}` ? { key: field } : {};
  } catch {
    return {};
  }
}

const signatureParameter: JsonSchema = {
  name: webhookSignatureHeader,
  in: 'header',
  required: false,
  description: '`t=<unix seconds>,v1=<hex>`: HMAC-SHA256 of `<t>.<raw body>`',
  schema: { type: 'string' },
};

const idempotencyKey: JsonSchema = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'A name for this request, chosen by the client. Sent again with the same input within 24 hours, ' +
    'it gets the same answer and acts once; with other input it is refused.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
};

function webhookPath(
  webhook: WebhookDefinition,
  procedure: Procedure | undefined,
  tag: string,
  components: SchemaComponents,
): JsonSchema {
  const body = procedure
    ? components.convert(procedure.input, 'input', `${componentName(procedure.name)}Input`)
    : {};
  return {
    // Webhooks live at the root, not below the API's base path.
    servers: [{ url: '/' }],
    post: {
      operationId: `webhooks.${webhook.name}`,
      summary: webhook.summary,
      description: 'For the outside system only. A repeated delivery is answered and acts once.',
      tags: [tag],
      parameters: [
        {
          ...signatureParameter,
          description: `${signatureParameter.description}; required unless in demo mode`,
        },
      ],
      requestBody: { required: true, content: { 'application/json': { schema: body } } },
      responses: {
        200: { description: 'Kept', content: { 'application/json': { schema: receivedSchema } } },
        ...problemResponses([
          ...(procedure?.errors ?? []),
          invalidInput,
          malformedJson,
          webhookSignatureMissing,
          webhookSignatureInvalid,
          webhookSignatureExpired,
          internal,
        ]),
      },
      security: [],
    },
  };
}

const receivedSchema: JsonSchema = {
  type: 'object',
  required: ['received', 'duplicate'],
  properties: {
    received: { type: 'boolean', const: true },
    duplicate: {
      type: 'boolean',
      description: 'True when the delivery had been acted upon before',
    },
    receiptId: { type: 'string', format: 'uuid' },
    result: { description: 'What came of it' },
  },
};
