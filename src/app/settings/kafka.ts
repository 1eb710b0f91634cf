/** Kafka: clusters that events are carried to and topics are read from. */
import { z } from 'zod';
// Not by the public face, which loads Kafka's client: settings are read before PostgreSQL is started.
import { saslMechanisms } from '../../events/kafka/cluster.ts';
import { setting } from './setting.ts';
import { list, onOrOff, whole } from './value-shapes.ts';

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

/** Settings of Kafka, by environment variable. */
export const kafka = {
  KAFKA_BROKERS: setting({
    summary: 'Brokers of Kafka as host:port, separated by commas; this cluster is called `main`',
    schema: list.pipe(z.array(broker)).optional(),
    otherwise: 'events stay in the event log',
  }),
  KAFKA_TLS: setting({
    summary: 'Encrypt the connections to Kafka',
    schema: onOrOff.default('off'),
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
  KAFKA_FALLBACK_AFTER_MS: setting({
    summary: 'How long a cluster may fail before its fallback takes over, in milliseconds',
    schema: whole(0, 86_400_000).default(30_000),
  }),
  KAFKA_CLUSTERS: setting({
    summary:
      'Further clusters as JSON: a list of {name, brokers, tls, caFile, mechanism, username, password, ' +
      'fallback, standby}',
    schema: kafkaClusters.optional(),
    secret: true,
    otherwise: 'none',
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
} as const;
