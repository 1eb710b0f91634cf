/** Kafka as a module: its tables, and the procedures over the dead letters of topics. */
import { z } from 'zod';
import { type Caller, hasRole } from '../../kernel/caller.ts';
import { defineError, type Refusal, refuse } from '../../kernel/errors.ts';
import { defineModule, type ModuleDefinition } from '../../kernel/module.ts';
import { didYouMean } from '../../kernel/near-names.ts';
import { actionSchema, decodeCursor, pageOf, pageQueryBy, toPage } from '../../kernel/page.ts';
import { defineExternal } from '../../kernel/procedure.ts';
import type { DeadLetter } from './dead-letter-message.ts';
import type { LetterPlace } from './dead-letters.ts';
import type { Kafka } from './kafka.ts';

const kafkaNotUsed = defineError({
  code: 'KAFKA_NOT_USED',
  status: 409,
  title: 'This program is not connected to Kafka',
});

const topicNotRead = defineError({
  code: 'KAFKA_TOPIC_NOT_READ',
  status: 422,
  title: 'No trigger reads this topic',
});

const idPattern = /^([^/]+)\/([^/]+)\/(\d{1,9})\/(\d{1,18})$/;

const letterIdSchema = z
  .string()
  .max(400)
  .regex(idPattern, 'expected cluster/topic/partition/offset of a dead letter')
  .meta({ examples: ['main/payments.dlq/0/17'] });

const numeric = z.string().regex(/^\d{1,18}$/);

/** A dead letter of a topic as its readers see it. */
export const topicDeadLetterSchema = z.object({
  id: letterIdSchema.describe('Where the letter lies: cluster/topic/partition/offset'),
  trigger: z.string(),
  cause: z
    .string()
    .describe(
      '`unreadable`: no JSON; `value`: does not fit the schema; `refused`: by the procedure; ' +
        '`failed`: threw every time',
    ),
  code: z.string().nullable().describe('Code of the refusal or fault'),
  detail: z.string(),
  failedAt: z.string(),
  origin: z.object({
    cluster: z.string(),
    topic: z.string(),
    partition: z.number().int(),
    offset: z.string(),
    key: z.string().nullable(),
    producedAt: z.iso.datetime(),
  }),
  value: z.string().describe('The first 2000 characters of the message’s value'),
  can: z.array(actionSchema),
});

/** What came of one letter. */
const replayResultSchema = z.object({
  id: z.string(),
  outcome: z
    .enum(['replayed', 'before', 'failed', 'unknown'])
    .describe('`before`: was replayed earlier; `failed`: is still poison; `unknown`: is not there'),
  detail: z.string().nullable(),
});

const mayReplay = ['operator', 'admin'] as const;

/** Letters tried again in one call. */
const mostReplayed = 100;

/** Characters of a value that are shown. */
const longestValue = 2_000;

/** The manifest. Kafka is looked up when a procedure runs; null when the program does not use it. */
export function kafkaModule(parts: { readonly kafka: () => Kafka | null }): ModuleDefinition {
  return defineModule({
    name: 'kafka',
    summary: 'Kafka: messages that triggers could not act upon',
    schema: 'kafka',
    migrations: new URL('./migrations/', import.meta.url),
    procedures: kafkaProcedures(parts.kafka),
    events: [],
    errors: [kafkaNotUsed, topicNotRead],
  });
}

function kafkaProcedures(kafka: () => Kafka | null) {
  const list = defineExternal({
    name: 'kafka-dead-letters.list',
    summary: 'List messages of Kafka topics that triggers could not act upon',
    description:
      'Read from the dead-letter topics, oldest first within a partition. Those that were replayed ' +
      'are left out.',
    input: pageQueryBy([z.string(), z.string(), numeric, numeric]).extend({
      topic: z.string().max(249).optional().describe('The topic that the messages came from'),
    }),
    output: pageOf(topicDeadLetterSchema),
    access: ['operator', 'manager', 'support', 'admin'],
    http: { method: 'GET', path: '/kafka/dead-letters' },
    errors: [kafkaNotUsed, topicNotRead],
    timeoutMs: 30_000,
    async execute({ caller }, { topic, limit, cursor }) {
      const found = kafka();
      if (!found) return notUsed();
      const refused = refuseUnread(topic, found.deadLetters.topics);
      if (refused) return refused;
      const after = cursor === undefined ? undefined : placeOf(decodeCursor(cursor, 4));
      const page = await found.deadLetters.list({ topic, limit: limit + 1, after });
      return toPage({
        rows: page.letters,
        limit,
        counted: page.counted,
        cursorOf: ({ place }) => [
          place.cluster,
          place.topic,
          String(place.partition),
          place.offset,
        ],
        itemOf: (letter) => letterView(letter, caller),
      });
    },
  });

  const replay = defineExternal({
    name: 'kafka-dead-letters.replay',
    summary: 'Take dead letters of Kafka topics through their triggers again',
    description:
      'A letter acts as if its message had just come. What it does and the note that it was replayed ' +
      'commit together, so it acts once however often it is asked for.',
    input: z
      .object({
        ids: z.array(letterIdSchema).min(1).max(mostReplayed).optional(),
        topic: z
          .string()
          .max(249)
          .optional()
          .describe(`The oldest ${mostReplayed} of this topic, when no ids are given`),
      })
      .refine(({ ids, topic }) => (ids === undefined) !== (topic === undefined), {
        message: 'expected either ids or a topic',
      }),
    output: z.object({ results: z.array(replayResultSchema) }),
    access: mayReplay,
    http: { method: 'POST', path: '/kafka/dead-letters/replay' },
    errors: [kafkaNotUsed, topicNotRead],
    timeoutMs: 120_000,
    async execute({ caller }, { ids, topic }) {
      const found = kafka();
      if (!found) return notUsed();
      const refused = refuseUnread(topic, found.deadLetters.topics);
      if (refused) return refused;
      const places =
        ids === undefined
          ? (await found.deadLetters.list({ topic, limit: mostReplayed })).letters.map(
              ({ place }) => place,
            )
          : ids.map((id) => placeOf(idPattern.exec(id)!.slice(1))!);
      const results = await found.deadLetters.replay(places, caller.userId ?? caller.kind);
      return { results: [...results] };
    },
  });

  return [list, replay];
}

function letterView(letter: DeadLetter, caller: Caller) {
  const { id, trigger, cause, code, detail, failedAt, message } = letter;
  const { cluster, topic, partition, offset, key, producedAt } = message;
  return {
    ...{ id, trigger, cause, code, detail, failedAt },
    origin: { cluster, topic, partition, offset, key, producedAt: producedAt.toISOString() },
    value: message.value.toString().slice(0, longestValue),
    can: [
      hasRole(caller, ...mayReplay)
        ? { action: 'kafka-dead-letters.replay', allowed: true }
        : {
            action: 'kafka-dead-letters.replay',
            allowed: false,
            reason: 'Only operators and admins replay dead letters.',
          },
    ],
  };
}

function placeOf(parts: readonly string[] | null): LetterPlace | undefined {
  const [cluster, topic, partition, offset] = parts ?? [];
  if (cluster === undefined || topic === undefined || offset === undefined) return undefined;
  return { cluster, topic, partition: Number(partition), offset };
}

/** Says no to a topic of which there can be no letter; null for one that is read, and for none. */
function refuseUnread(
  topic: string | undefined,
  read: readonly string[],
): Refusal<'KAFKA_TOPIC_NOT_READ'> | null {
  if (topic === undefined || read.includes(topic)) return null;
  const of = topic.replace(/\.dlq$/, '');
  return refuse(
    topicNotRead,
    `expected the topic that the messages came from, which a trigger reads (${read.join(', ')}), found ` +
      `${topic}${read.includes(of) ? `; did you mean ${of}?` : didYouMean(topic, read)}`,
  );
}

function notUsed(): Refusal<'KAFKA_NOT_USED'> {
  return refuse(
    kafkaNotUsed,
    'expected a program that uses Kafka, found one without; set KAFKA_BROKERS or KAFKA_CLUSTERS',
  );
}
