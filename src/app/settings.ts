/**
 * Every setting of the program, as data: its environment variable, what it is for, what it must look
 * like, and its default. `orderloom config` prints this list; nothing else reads the environment.
 */
import { availableParallelism } from 'node:os';
import { z } from 'zod';
// Not by the public face, which loads Kafka's client: settings are read before PostgreSQL is started.
import { saslMechanisms } from '../events/kafka/cluster.ts';
import type { Rate } from '../kernel/call-bucket.ts';
import { roles } from '../kernel/caller.ts';
import { logLevels } from '../telemetry/index.ts';
import { serviceNames } from './services/topology.ts';

const whole = (min: number, max: number) =>
  z.coerce
    .number({ error: `expected a whole number from ${min} to ${max}` })
    .int(`expected a whole number from ${min} to ${max}`)
    .min(min, `expected a whole number from ${min} to ${max}`)
    .max(max, `expected a whole number from ${min} to ${max}`);

const url = (...protocols: readonly string[]) =>
  z.url({
    protocol: new RegExp(`^(${protocols.join('|')})$`),
    error: `expected a URL that begins with ${protocols.map((p) => `${p}://`).join(' or ')}`,
  });

const list = z
  .string()
  .transform((text) => text.split(',').map((part) => part.trim()))
  .pipe(z.array(z.string().min(1, 'expected a list separated by commas, without empty parts')));

const secretList = (shortest: number) =>
  list.pipe(
    z.array(z.string().min(shortest, `expected secrets of at least ${shortest} characters each`)),
  );

/** `name:role+role:sha256-of-the-key`, and after another colon the only procedures that it opens. */
const apiKey = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]*:[a-z]+(\+[a-z]+)*:[0-9a-f]{64}(:[\w.-]+(\+[\w.-]+)*)?$/,
    'expected name:role+role:digest, with the SHA-256 of the key in hex, or the same and :procedure+procedure',
  )
  .transform((text) => {
    const [name = '', held = '', sha256 = '', only] = text.split(':');
    return {
      name,
      roles: held.split('+'),
      sha256,
      only: only?.split('+'),
    };
  })
  .pipe(
    z.object({
      name: z.string(),
      roles: z.array(z.enum(roles, { error: `expected roles among ${roles.join(', ')}` })),
      sha256: z.string(),
      only: z.array(z.string()).or(z.undefined()),
    }),
  );

/** `payments.refund=4` */
const concurrencyEntry = z
  .string()
  .regex(/^[a-z-]+(\.[a-z-]+)+=[1-9]\d{0,5}$/, 'expected procedure=number, e.g. payments.refund=4')
  .transform((text): [string, number] => {
    const [name = '', count = ''] = text.split('=');
    return [name, Number(count)];
  });

/** `courier=5` or `courier=0.5/10`; without a burst a second's worth, at least one call. */
const rateEntry = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]*=\d{1,6}(\.\d{1,6})?(\/[1-9]\d{0,5})?$/,
    'expected system=rate or system=rate/burst, e.g. courier=5/20',
  )
  .transform((text): [string, Rate] => {
    const [system = '', given = ''] = text.split('=');
    const [rate = '', burst] = given.split('/');
    const perSecond = Number(rate);
    return [system, { perSecond, burst: Number(burst ?? Math.max(1, Math.ceil(perSecond))) }];
  })
  .refine(([, { perSecond }]) => perSecond > 0, 'expected a rate above 0');

/** `accounting=manager+support` */
const taskGroup = z
  .string()
  .regex(
    /^[\p{L}\p{N}_][\p{L}\p{N}._:/-]{0,199}=[a-z]+(\+[a-z]+)*$/u,
    'expected group=role+role, e.g. accounting=manager+support',
  )
  .transform((text): [string, string[]] => {
    const at = text.indexOf('=');
    return [text.slice(0, at), text.slice(at + 1).split('+')];
  })
  .pipe(
    z.tuple([
      z.string(),
      z.array(z.enum(roles, { error: `expected roles among ${roles.join(', ')}` })),
    ]),
  );

/** The systems of billing orders, by the names that settings and sandboxes have for them. */
export const billingSystemNames = [
  'mbos-billing',
  'xoms-biller',
  'xbo-adapter',
  'matrix-connector',
  'ds-mvno-order',
  'ds-mvno-line',
  'ds-mvno-account',
  'ds-mvno-device',
  'mvno-payment',
] as const;
/** One of them. */
export type BillingSystemName = (typeof billingSystemNames)[number];

/** `payment-service=value,delivery-service=value` as an object. */
const byService = (value: z.ZodType<string, string>) =>
  list
    .pipe(
      z.array(
        z.templateLiteral([z.string().regex(/^[a-z][a-z0-9-]*$/), '=', z.string()], {
          error: 'expected a list of name=value, separated by commas',
        }),
      ),
    )
    .transform((entries) =>
      Object.fromEntries(
        entries.map((entry) => {
          const at = entry.indexOf('=');
          return [entry.slice(0, at), entry.slice(at + 1)] as const;
        }),
      ),
    )
    .pipe(z.record(z.string(), value));
/** `host:port`; the port may be left out. */
const broker = z
  .string()
  .regex(/^(\[[0-9a-fA-F:]+\]|[\w.-]+)(:\d{1,5})?$/, 'expected host:port, such as kafka-1:9092');

/** Names of clusters stand in declarations of topics and in names of consumer groups. */
const clusterName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,40}$/, 'expected the name of a cluster, such as cloud');

const kafkaClusters = z
  .string()
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue('expected JSON');
      return z.NEVER;
    }
  })
  .pipe(
    z.array(
      z
        .strictObject({
          name: clusterName,
          brokers: z.array(broker).min(1, 'expected at least one broker'),
          tls: z.boolean().default(false),
          caFile: z.string().optional(),
          mechanism: z.enum(saslMechanisms).default('PLAIN'),
          username: z.string().optional(),
          password: z.string().optional(),
          fallback: clusterName.optional(),
          standby: z.boolean().default(false),
        })
        .refine(({ username, password }) => (username === undefined) === (password === undefined), {
          message: 'expected username and password together',
        }),
    ),
  );

interface Setting<Schema extends z.ZodType> {
  readonly summary: string;
  readonly schema: Schema;
  /** Shown as `set` or `not set`, never by value. */
  readonly secret?: true;
  /** The default in words, where it is not simply a value. */
  readonly otherwise?: string;
}

/**
 * Connections beyond a few for each core do no work more: they stand in each other's way. With two cores
 * placing orders took 1.8 ms of CPU at 8 connections, 1.9 at 10 and 2.8 at 24 (`bench orders`).
 */
const connectionsFor = (cores: number) => Math.min(32, Math.max(8, 4 * cores));

const setting = <Schema extends z.ZodType>(definition: Setting<Schema>) => definition;

/** Settings by environment variable. */
export const settings = {
  PORT: setting({ summary: 'Port to listen on', schema: whole(1, 65_535).default(3001) }),
  HOST: setting({
    summary: 'Address to listen on',
    schema: z
      .string()
      .min(1, 'expected an address such as 127.0.0.1 or 0.0.0.0')
      .default('127.0.0.1'),
  }),
  NODE_ENV: setting({
    summary: '`production` turns demo mode off',
    schema: z
      .enum(['development', 'test', 'production'], {
        error: 'expected development, test or production',
      })
      .default('development'),
  }),
  DATABASE_URL: setting({
    summary: 'PostgreSQL server to use instead of the embedded one',
    schema: url('postgres', 'postgresql').optional(),
    secret: true,
    otherwise: 'an embedded PostgreSQL',
  }),
  DATABASE_MAX_CONNECTIONS: setting({
    summary: 'Most connections to PostgreSQL',
    schema: whole(4, 1_000).default(() => connectionsFor(availableParallelism())),
    otherwise: '4 for each core of this machine, at least 8 and at most 32',
  }),
  ORDERLOOM_DATA: setting({
    summary: 'Folder of the embedded data',
    schema: z.string().min(1, 'expected the path of a folder').optional(),
    otherwise: '.orderloom/<PORT> in the project; for root below /var/lib/orderloom',
  }),
  ORDERLOOM_DEMO: setting({
    summary: 'Demo mode: requests without credentials act as demo users, webhooks may be unsigned',
    schema: z.enum(['on', 'off'], { error: 'expected on or off' }).optional(),
    otherwise: 'on, unless DATABASE_URL, another HOST or NODE_ENV=production says that it is real',
  }),
  ORDERLOOM_SANDBOXES: setting({
    summary: 'Start sandboxes of the outside systems that have no URL',
    schema: z.enum(['on', 'off'], { error: 'expected on or off' }).optional(),
    otherwise: 'on in demo mode',
  }),
  ORDERLOOM_TOKEN_SECRETS: setting({
    summary: 'Secrets that sign access tokens, newest first, separated by commas',
    schema: secretList(32).optional(),
    secret: true,
    otherwise: 'required outside demo mode',
  }),
  ORDERLOOM_ENCRYPTION_KEY: setting({
    summary: 'Key that encrypts payment details: 32 bytes in base64',
    schema: z
      .string()
      .transform((text) => new Uint8Array(Buffer.from(text, 'base64')))
      .refine((bytes) => bytes.length === 32, 'expected 32 bytes in base64')
      .optional(),
    secret: true,
    otherwise: 'required outside demo mode',
  }),
  ORDERLOOM_IDEMPOTENCY_SECRET: setting({
    summary: 'Secret that seals stored answers; the same on every node',
    schema: z.string().min(32, 'expected at least 32 characters').optional(),
    secret: true,
    otherwise: 'required outside demo mode',
  }),
  ORDERLOOM_API_KEYS: setting({
    summary:
      'Keys of other programs (X-API-Key), as name:role+role:SHA-256 or name:role:SHA-256:procedure+procedure, separated by commas',
    schema: list.pipe(z.array(apiKey)).optional(),
    otherwise: 'none',
  }),
  ORDERLOOM_SERVICE: setting({
    summary: 'Which of the four services this process is: order, payment, warehouse or delivery',
    schema: z
      .enum(serviceNames, { error: `expected one of ${serviceNames.join(', ')}` })
      .optional(),
    otherwise: 'all of them in one program',
  }),
  ORDERLOOM_SERVICE_URLS: setting({
    summary: 'Addresses of other services, as service=URL, separated by commas',
    schema: byService(url('http', 'https')).optional(),
    otherwise: 'none are called',
  }),
  ORDERLOOM_SERVICE_KEYS: setting({
    summary: 'Keys that other services know this one by, as service=key, separated by commas',
    schema: byService(z.string().min(16, 'expected keys of at least 16 characters')).optional(),
    secret: true,
    otherwise: 'calls carry none',
  }),
  ORDERLOOM_SERVICE_SECRETS: setting({
    summary: 'Secrets that events from and to other services are signed with, as service=secret',
    schema: byService(z.string().min(16, 'expected secrets of at least 16 characters')).optional(),
    secret: true,
    otherwise: 'no events are taken in or sent',
  }),
  PAYMENT_WEBHOOK_SECRETS: setting({
    summary: 'Secrets of the payment gateway’s webhooks, several while one is rotated',
    schema: secretList(16).optional(),
    secret: true,
    otherwise: 'required outside demo mode',
  }),
  DELIVERY_WEBHOOK_SECRETS: setting({
    summary: 'Secrets of the courier’s webhooks, several while one is rotated',
    schema: secretList(16).optional(),
    secret: true,
    otherwise: 'required outside demo mode',
  }),
  PAYMENT_GATEWAY_URL: setting({
    summary: 'Base URL of the payment gateway',
    schema: url('http', 'https').optional(),
    otherwise: 'its sandbox',
  }),
  PAYMENT_GATEWAY_KEY: setting({
    summary: 'API key for the payment gateway',
    schema: z.string().min(1, 'expected the API key').optional(),
    secret: true,
    otherwise: 'required with PAYMENT_GATEWAY_URL',
  }),
  COURIER_URL: setting({
    summary: 'Base URL of the courier',
    schema: url('http', 'https').optional(),
    otherwise: 'its sandbox',
  }),
  COURIER_KEY: setting({
    summary: 'API key for the courier',
    schema: z.string().min(1, 'expected the API key').optional(),
    secret: true,
    otherwise: 'required with COURIER_URL',
  }),
  BILLING_SYSTEM_URLS: setting({
    summary: `Base URLs of the systems of billing orders, as name=URL, separated by commas: ${billingSystemNames.join(', ')}`,
    schema: byService(url('http', 'https')).optional(),
    otherwise: 'their sandboxes; without sandboxes no billing orders are taken',
  }),
  BILLING_SYSTEM_KEYS: setting({
    summary: 'API keys for the systems of billing orders, as name=key, separated by commas',
    schema: byService(z.string().min(1, 'expected the API key')).optional(),
    secret: true,
    otherwise: 'required for each system that has a URL',
  }),
  BILLING_WEBHOOK_SECRETS: setting({
    summary: 'Secrets of the webhooks of biller and network, several while one is rotated',
    schema: secretList(16).optional(),
    secret: true,
    otherwise: 'required with BILLING_SYSTEM_URLS outside demo mode',
  }),
  BILLER_TIMEOUT_MS: setting({
    summary: 'How long one call to the biller may take, in milliseconds',
    schema: whole(100, 20_000).default(10_000),
  }),
  DOMAIN_TIMEOUT_MS: setting({
    summary: 'How long one call to the domains of a telecom operator may take, in milliseconds',
    schema: whole(100, 20_000).default(5_000),
  }),
  SMTP_URL: setting({
    summary: 'Mail server, with user and password where it needs them',
    schema: url('smtp', 'smtps').optional(),
    secret: true,
    otherwise: 'its sandbox; without sandboxes mails are stored and not sent',
  }),
  MAIL_FROM: setting({
    summary: 'Sender of mails',
    schema: z
      .string()
      .min(3, 'expected a mail address')
      .default('Orderloom <orders@orderloom.example>'),
  }),
  KAFKA_BROKERS: setting({
    summary: 'Brokers of Kafka as host:port, separated by commas; this cluster is called `main`',
    schema: list.pipe(z.array(broker)).optional(),
    otherwise: 'events stay in the event log',
  }),
  KAFKA_TLS: setting({
    summary: 'Encrypt the connections to Kafka',
    schema: z.enum(['on', 'off'], { error: 'expected on or off' }).default('off'),
  }),
  KAFKA_CA_FILE: setting({
    summary: 'File with the certificates to trust for Kafka (PEM); turns encryption on',
    schema: z.string().min(1, 'expected the path of a file').optional(),
    otherwise: 'those that Node.js trusts',
  }),
  KAFKA_USERNAME: setting({
    summary: 'User for Kafka (SASL)',
    schema: z.string().min(1, 'expected a user name').optional(),
    otherwise: 'no authentication',
  }),
  KAFKA_PASSWORD: setting({
    summary: 'Password for Kafka (SASL)',
    schema: z.string().min(1, 'expected a password').optional(),
    secret: true,
    otherwise: 'required with KAFKA_USERNAME',
  }),
  KAFKA_SASL_MECHANISM: setting({
    summary: 'How user and password are sent to Kafka',
    schema: z
      .enum(saslMechanisms, { error: `expected one of ${saslMechanisms.join(', ')}` })
      .default('PLAIN'),
  }),
  KAFKA_FALLBACK: setting({
    summary: 'The cluster of KAFKA_CLUSTERS that takes the events of `main` while it is down',
    schema: clusterName.optional(),
    otherwise: 'events wait in the event log',
  }),
  KAFKA_CLUSTERS: setting({
    summary:
      'Further clusters as JSON: a list of {name, brokers, tls, caFile, mechanism, username, password, ' +
      'fallback, standby}',
    schema: kafkaClusters.optional(),
    secret: true,
    otherwise: 'none',
  }),
  KAFKA_FALLBACK_AFTER_MS: setting({
    summary: 'How long a cluster may fail before its fallback takes over, in milliseconds',
    schema: whole(0, 86_400_000).default(30_000),
  }),
  KAFKA_GROUP: setting({
    summary: 'Consumer group that reads topics for triggers; the same on every node',
    schema: z
      .string()
      .regex(/^[\w.-]{1,200}$/, 'expected letters, digits, dots, dashes and underscores')
      .default('orderloom'),
  }),
  KAFKA_CREATE_TOPICS: setting({
    summary: 'Make missing topics with so many partitions; 0: they are made by somebody else',
    schema: whole(0, 10_000).default(0),
  }),
  CORS_ORIGINS: setting({
    summary: 'Origins of pages that may read answers, separated by commas',
    schema: list.optional(),
    otherwise: 'none but our own',
  }),
  RATE_LIMIT: setting({
    summary: 'Requests per minute and address; 0 is no limit',
    schema: whole(0, 10_000_000).optional(),
    otherwise: '600; in demo mode no limit',
  }),
  BODY_LIMIT: setting({
    summary: 'Largest request body in bytes; a deployment may be larger: 40 MB',
    schema: whole(1_024, 100_000_000).default(1_048_576),
  }),
  TRUST_PROXY: setting({
    summary: 'Believe X-Forwarded-* headers of a proxy in front',
    schema: z.enum(['on', 'off'], { error: 'expected on or off' }).default('off'),
  }),
  PAYMENT_CHECK_AFTER_MS: setting({
    summary: 'Ask the payment gateway about an open session after so long without news, in ms',
    schema: whole(1_000, 86_400_000).default(900_000),
  }),
  DELIVERY_CHECK_AFTER_MS: setting({
    summary: 'Ask the courier about a parcel after so long without news, in ms',
    schema: whole(1_000, 604_800_000).default(21_600_000),
  }),
  JOB_CONCURRENCY: setting({
    summary: 'Process steps at work at the same time',
    schema: whole(1, 10_000).default(32),
  }),
  HISTORY_RETENTION_DAYS: setting({
    summary:
      'How many days ended processes, their history and trace events are kept; 0 keeps them for ever',
    schema: whole(0, 36_500).default(400),
  }),
  ENGINE_PAUSED: setting({
    summary:
      'Start without working: no step begins and no timer fires until `orderloom engine resume`',
    schema: z.enum(['on', 'off'], { error: 'expected on or off' }).default('off'),
  }),
  TASK_GROUPS: setting({
    summary:
      'Groups that tasks name beside the roles: whose holders belong to each, as group=role+role, by commas',
    schema: list.pipe(z.array(taskGroup)).transform(Object.fromEntries).optional(),
    otherwise: 'tasks are for roles and for people by name',
  }),
  BUSINESS_CALENDARS: setting({
    summary: 'File with the business calendars that drawings may name, as a JSON list',
    schema: z.string().optional(),
    otherwise: 'drawings name only their own',
  }),
  JAVASCRIPT_SCRIPTS: setting({
    summary:
      'Whether script tasks of drawings may be in JavaScript, which runs isolated; FEEL always may',
    schema: z.enum(['on', 'off'], { error: 'expected on or off' }).default('off'),
  }),
  JOBS_IN_LINE: setting({
    summary:
      'Process steps that wait in memory for a place, all processes together; others wait on disk',
    schema: whole(100, 1_000_000).default(10_000),
  }),
  PROCEDURE_CONCURRENCY: setting({
    summary: 'Calls of procedures at work at the same time on this node, as name=number, by commas',
    schema: list.pipe(z.array(concurrencyEntry)).transform(Object.fromEntries).optional(),
    otherwise: 'what each procedure declares',
  }),
  OUTSIDE_RATES: setting({
    summary:
      'Calls a second to outside systems by all nodes together, as system=rate or system=rate/burst, by commas',
    schema: list.pipe(z.array(rateEntry)).transform(Object.fromEntries).optional(),
    otherwise: 'no limit',
  }),
  OVERLOAD_JOB_WAIT_MS: setting({
    summary:
      'Turn new work away (503) while steps wait longer than this for a place, in milliseconds',
    schema: whole(1_000, 3_600_000).default(60_000),
  }),
  LEASE_MS: setting({
    summary: 'How long a node’s claim on its shards lasts without being renewed, in milliseconds',
    schema: whole(1_000, 600_000).default(10_000),
  }),
  WEBHOOK_PRIVATE_TARGETS: setting({
    summary: 'Allow outgoing webhooks to this machine and its network, and over plain http',
    schema: z.enum(['on', 'off'], { error: 'expected on or off' }).optional(),
    otherwise: 'on in demo mode, else off',
  }),
  WEBHOOK_CONCURRENCY: setting({
    summary: 'Outgoing webhooks under way at the same time on a node',
    schema: whole(1, 1_000).default(32),
  }),
  WEBHOOK_TIMEOUT_MS: setting({
    summary: 'How long the receiver of an outgoing webhook may take to answer, in milliseconds',
    schema: whole(100, 120_000).default(10_000),
  }),
  WEBHOOK_DISABLE_AFTER_HOURS: setting({
    summary: 'A webhook subscription that has failed for so long is switched off',
    schema: whole(1, 8_760).default(72),
  }),
  EVENT_RETENTION_DAYS: setting({
    summary:
      'Events older than this leave the log, unless a consumer group still needs them; 0: never',
    schema: whole(0, 36_500).default(90),
  }),
  EVENT_STREAM_LIMIT: setting({
    summary:
      'Most event streams (`GET /api/v1/events`) open on a node at the same time; half of them for customers',
    schema: whole(0, 100_000).default(200),
  }),
  SHUTDOWN_GRACE_MS: setting({
    summary: 'How long requests and steps may take to finish after SIGTERM, in milliseconds',
    schema: whole(0, 600_000).default(10_000),
  }),
  LOG_LEVEL: setting({
    summary: 'Least important log lines that are written',
    schema: z.enum(logLevels, { error: `expected one of ${logLevels.join(', ')}` }).optional(),
    otherwise: 'warn in demo mode at a terminal, else info',
  }),
  LOG_FORMAT: setting({
    summary: 'Log lines for people or for programs',
    schema: z.enum(['pretty', 'json'], { error: 'expected pretty or json' }).optional(),
    otherwise: 'pretty at a terminal, else json',
  }),
  OTEL_EXPORTER_OTLP_ENDPOINT: setting({
    summary: 'OpenTelemetry collector that spans are sent to (OTLP over HTTP)',
    schema: url('http', 'https').optional(),
    otherwise: 'spans are not sent',
  }),
} as const;

export type SettingName = keyof typeof settings;
export type SettingValues = { [Name in SettingName]: z.output<(typeof settings)[Name]['schema']> };
