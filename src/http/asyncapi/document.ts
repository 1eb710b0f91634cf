/**
 * The AsyncAPI 2.6 document of the program: every event that it publishes, on which ways, and every
 * topic that it takes messages from. Derived from the manifests and nothing else.
 *
 * In AsyncAPI 2 an operation is named for what the *reader of the document* does: one subscribes to
 * the channels of events, and publishes to the topics of triggers.
 */
import { cloudEventMediaType, fallbackHeader, redeliveryHeader } from '../../events/index.ts';
import type { EventDefinition, Topic } from '../../kernel/event.ts';
import type { ModuleDefinition } from '../../kernel/module.ts';
import type { TopicTrigger } from '../../kernel/topic-trigger.ts';
import { webhookSignatureHeader } from '../../kernel/webhook-signature.ts';
import { componentName } from '../openapi/operation.ts';
import { type JsonSchema, SchemaComponents } from '../openapi/schemas.ts';
import type { ApiInfo } from '../options.ts';

/** Pure: the same manifests give the same document, text for text. */
export function asyncApiDocument(modules: readonly ModuleDefinition[], info: ApiInfo): JsonSchema {
  const schemas = new SchemaComponents('draft-7');
  const messages: Record<string, JsonSchema> = {};
  const channels: Record<string, JsonSchema> = {};
  for (const { name: tag, events, triggers = [] } of modules) {
    for (const event of events) {
      messages[componentName(event.name)] = eventMessage(event, tag, schemas);
      channels[event.name] = bothWays(channels[event.name], eventChannel(event));
    }
    for (const trigger of triggers) {
      messages[`${componentName(trigger.name)}Trigger`] = triggerMessage(trigger, tag, schemas);
      for (const { topic, cluster } of placesOf(trigger.topic)) {
        channels[topic] = bothWays(channels[topic], triggerChannel(trigger, cluster));
      }
    }
  }
  return {
    asyncapi: '2.6.0',
    id: 'urn:orderloom:events',
    info: {
      ...info,
      title: `${info.title} events`,
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: 'application/json',
    servers,
    tags: modules
      .filter(({ events, triggers }) => events.length > 0 || triggers?.length)
      .map(({ name, summary }) => ({ name, description: summary })),
    channels: sorted(channels),
    components: {
      messages: sorted(messages),
      messageTraits: { cloudEvent: cloudEventTrait },
      schemas: schemas.all(),
      securitySchemes,
    },
  };
}

const servers: JsonSchema = {
  stream: {
    url: '{host}/api/v1/events',
    protocol: 'https',
    description:
      'Server-sent events. `event` is the name of the event, `id` its position, and `data` a CloudEvent ' +
      `in structured mode (\`${cloudEventMediaType}\`). \`Last-Event-ID\` resumes.`,
    variables: { host: { default: 'localhost:3001', description: 'Where Orderloom answers' } },
    security: [{ bearer: [] }, { apiKey: [] }],
  },
  webhooks: {
    url: '{receiver}',
    protocol: 'https',
    description:
      'A receiver that has subscribed (`POST /api/v1/webhook-subscriptions`) is sent CloudEvents in ' +
      `structured mode (\`${cloudEventMediaType}\`), signed over the raw body in ` +
      `\`${webhookSignatureHeader}\`.`,
    variables: { receiver: { default: 'shop.example/hooks', description: 'The subscribed URL' } },
    security: [{ webhookSignature: [] }],
  },
  kafka: {
    url: '{brokers}',
    protocol: 'kafka-secure',
    description:
      'Topics of Kafka, where brokers are configured: CloudEvents in binary mode, their attributes in ' +
      '`ce_…` headers. The key of a message is the key of its event, so one key keeps its order.',
    variables: { brokers: { default: 'localhost:9092', description: 'As in `KAFKA_BROKERS`' } },
    security: [{ saslScram: [] }, { saslPlain: [] }],
  },
};

const securitySchemes: JsonSchema = {
  bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
  apiKey: { type: 'httpApiKey', in: 'header', name: 'X-API-Key' },
  webhookSignature: {
    type: 'httpApiKey',
    in: 'header',
    name: webhookSignatureHeader,
    description:
      '`t=<unix seconds>,v1=<hex>`: HMAC-SHA256 of `<t>.<raw body>` under the secret of the ' +
      'subscription; a `v1` for each secret while one is rotated',
  },
  saslScram: { type: 'scramSha512', description: 'User and password of the brokers' },
  saslPlain: { type: 'plain', description: 'User and password of the brokers, over TLS only' },
};

const attribute = (description: string, more: JsonSchema = {}): JsonSchema => ({
  type: 'string',
  description,
  ...more,
});

/** What every event carries besides its payload, as the headers of Kafka name it. */
const cloudEventTrait: JsonSchema = {
  headers: {
    type: 'object',
    required: ['ce_specversion', 'ce_id', 'ce_source', 'ce_type', 'ce_time'],
    properties: {
      ce_specversion: attribute('Version of CloudEvents', { const: '1.0' }),
      ce_id: attribute('The same on every delivery of an event; tells repeats', { format: 'uuid' }),
      ce_source: attribute('Where the event comes from', { format: 'uri-reference' }),
      ce_type: attribute('Name of the event'),
      ce_time: attribute('When it happened', { format: 'date-time' }),
      ce_subject: attribute('What it is about: the key of the event'),
      ce_partitionkey: attribute('Events with the same one keep their order'),
      ce_dataversion: attribute('Version of the payload', { pattern: '^[0-9]+$' }),
      ce_sequence: attribute('Position in the event log', { pattern: '^[0-9]+$' }),
      ce_traceid: attribute('The trace that the event happened in', { pattern: '^[0-9a-f]{32}$' }),
      traceparent: attribute('The same, as W3C Trace Context writes it'),
      [redeliveryHeader]: attribute('Kafka only: an earlier attempt may have brought the event', {
        const: 'possible',
      }),
      [fallbackHeader]: attribute(
        'Kafka only: the cluster that the event was meant for, where its fallback took it',
      ),
    },
  },
};

function eventMessage(event: EventDefinition, tag: string, schemas: SchemaComponents): JsonSchema {
  const name = componentName(event.name);
  return {
    messageId: event.name,
    name: event.name,
    title: event.summary,
    summary: event.summary,
    contentType: 'application/json',
    schemaFormat: 'application/schema+json;version=draft-07',
    tags: [{ name: tag }],
    traits: [{ $ref: '#/components/messageTraits/cloudEvent' }],
    correlationId: { location: '$message.header#/ce_subject', description: 'The key of the event' },
    payload: schemas.add(
      `${name}Payload`,
      schemas.convert(event.payload, 'output', `${name}PayloadPart`),
    ),
    bindings: { kafka: { key: { type: 'string' }, bindingVersion: '0.4.0' } },
    'x-version': event.version,
  };
}

function eventChannel(event: EventDefinition): JsonSchema {
  const { topic } = event;
  const ways = ['stream', 'webhooks', ...(topic === undefined ? [] : ['kafka'])];
  return {
    description: event.summary,
    servers: ways,
    subscribe: {
      operationId: `receive${componentName(event.name)}`,
      summary: `Receive ${event.name}`,
      message: { $ref: `#/components/messages/${componentName(event.name)}` },
    },
    ...(topic === undefined ? {} : { bindings: kafkaChannel(topic) }),
  };
}

function kafkaChannel(topic: Topic): JsonSchema {
  const [first] = placesOf(topic);
  return {
    kafka: { ...(first === undefined ? {} : { topic: first.topic }), bindingVersion: '0.4.0' },
    // One topic for each cluster is more than the binding knows.
    ...(typeof topic === 'string' ? {} : { 'x-topics': topic }),
  };
}

/** Each topic once, with the first cluster that has it by that name; null for a topic of all clusters. */
function placesOf(
  topic: Topic,
): readonly { readonly topic: string; readonly cluster: string | null }[] {
  if (typeof topic === 'string') return [{ topic, cluster: null }];
  const places = new Map<string, string>();
  for (const [cluster, name] of Object.entries(topic)) {
    if (!places.has(name)) places.set(name, cluster);
  }
  return [...places].map(([name, cluster]) => ({ topic: name, cluster }));
}

function triggerMessage(trigger: TopicTrigger, tag: string, schemas: SchemaComponents): JsonSchema {
  const name = `${componentName(trigger.name)}Trigger`;
  return {
    messageId: `trigger.${trigger.name}`,
    name: trigger.name,
    title: trigger.summary,
    summary: trigger.summary,
    contentType: 'application/json',
    schemaFormat: 'application/schema+json;version=draft-07',
    tags: [{ name: tag }],
    payload: schemas.add(
      `${name}Value`,
      schemas.convert(trigger.value, 'input', `${name}ValuePart`),
    ),
  };
}

/** The id of an operation is of one channel only: where a trigger reads several, it ends in the cluster's name. */
function triggerChannel(trigger: TopicTrigger, cluster: string | null): JsonSchema {
  const name = `${componentName(trigger.name)}Trigger`;
  return {
    servers: ['kafka'],
    publish: {
      operationId: `send${name}${cluster === null ? '' : componentName(cluster)}`,
      summary: trigger.summary,
      message: { $ref: `#/components/messages/${name}` },
    },
  };
}

/** A topic that is written and read, too, is one channel on all the ways of both. */
function bothWays(one: JsonSchema | undefined, other: JsonSchema): JsonSchema {
  const servers = new Set([one, other].flatMap((channel) => (channel?.servers as string[]) ?? []));
  return { ...one, ...other, servers: [...servers] };
}

function sorted(entries: Record<string, JsonSchema>): Record<string, JsonSchema> {
  return Object.fromEntries(Object.entries(entries).sort(([a], [b]) => (a < b ? -1 : 1)));
}
