/**
 * The dead letters of a program's triggers: looking at them in their topics, and trying them again. A
 * letter is replayed through its trigger as if the message had just come: what it does and the note
 * that it was replayed commit together, so it is replayed once however often it is asked for.
 */
import type { Clock } from '../../kernel/clock.ts';
import { topicOn } from '../../kernel/event.ts';
import type { TopicTrigger } from '../../kernel/topic-trigger.ts';
import type { Transaction } from '../../kernel/transaction.ts';
import type { Database } from '../../postgres/index.ts';
import { describeFailure } from '../failures.ts';
import type { Consumer } from './client.ts';
import type { KafkaCluster } from './cluster.ts';
import { type DeadLetter, deadLetterTopic, readDeadLetter } from './dead-letter-message.ts';
import { unavailable, withAdmin } from './publisher.ts';
import { PoisonMessage, prepareMessage, type ReceiveMessages } from './receive-messages.ts';
import {
  closeConsumer,
  createConsumer,
  rangesOf,
  readTopics,
  type TopicPosition,
} from './topic-reader.ts';

/** Which letters to look at. */
export interface DeadLetterQuery {
  /** Only those of this topic: the one that the messages came from. */
  readonly topic?: string | undefined;
  readonly limit: number;
  /** The place after which to go on. */
  readonly after?: LetterPlace | undefined;
}

/** Where a letter lies. */
export interface LetterPlace {
  readonly cluster: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
}

/** One page of letters, oldest first within each partition. */
export interface DeadLetterPage {
  readonly letters: readonly DeadLetter[];
  /** True when there may be more after the last one. */
  readonly hasMore: boolean;
  /** Letters of all pages, at least. */
  readonly counted: number;
}

/** What came of one letter. */
export interface ReplayResult {
  readonly id: string;
  readonly outcome: 'replayed' | 'before' | 'failed' | 'unknown';
  /** Why it failed again, or is not known. */
  readonly detail: string | null;
}

/** The dead letters of every cluster. */
export interface DeadLetters {
  /** The topics that triggers read on any cluster, by name. */
  readonly topics: readonly string[];
  list(query: DeadLetterQuery): Promise<DeadLetterPage>;
  /** Tries these letters again, one after the other. */
  replay(places: readonly LetterPlace[], by: string): Promise<readonly ReplayResult[]>;
}

/** How long a read waits, in milliseconds; what is there comes at once. */
const maxWaitMs = 200;

/** A dead-letter topic partition and what is in it. */
interface Range {
  readonly cluster: string;
  readonly topic: string;
  readonly partition: number;
  readonly first: bigint;
  readonly end: bigint;
}

/** Makes the way to the dead letters. Nothing is connected before it is asked. */
export function createDeadLetters(parts: {
  readonly clusters: readonly KafkaCluster[];
  readonly triggers: readonly TopicTrigger[];
  readonly group: string;
  readonly receive: ReceiveMessages;
  readonly database: Database;
  readonly clock: Clock;
}): DeadLetters {
  const { clusters, triggers, group, receive, database, clock } = parts;

  const clusterOf = (name: string) => clusters.find((one) => one.name === name)!;

  async function using<T>(
    cluster: KafkaCluster,
    work: (consumer: Consumer) => Promise<T>,
  ): Promise<T> {
    const consumer = createConsumer(cluster, `${group}.dead-letters`);
    try {
      return await work(consumer);
    } finally {
      await closeConsumer(consumer);
    }
  }

  async function list({ topic, limit, after }: DeadLetterQuery): Promise<DeadLetterPage> {
    const letters: DeadLetter[] = [];
    let counted = 0;
    let hasMore = false;
    for (const cluster of clusters) {
      const wanted = topicsOf(triggers, cluster.name, topic);
      if (wanted.length === 0) continue;
      const present = await topicsOn(cluster);
      await using(cluster, async (consumer) => {
        for (const name of wanted.filter((one) => present.includes(one)).toSorted()) {
          for (const range of await told(cluster, rangesOf(consumer, name))) {
            const all = { cluster: cluster.name, topic: name, ...range };
            counted += Number(range.end - range.first) - (await replayedIn(database, all)).size;
            const left = after === undefined ? all : afterPlace(all, after);
            if (left === null || letters.length > limit) continue;
            letters.push(...(await lettersOf(consumer, left, limit + 1 - letters.length)));
          }
        }
      });
    }
    if (letters.length > limit) {
      hasMore = true;
      letters.length = limit;
    }
    return { letters, hasMore, counted };
  }

  async function lettersOf(
    consumer: Consumer,
    range: Range,
    limit: number,
  ): Promise<readonly DeadLetter[]> {
    const { cluster, topic, partition, end } = range;
    const done = await replayedIn(database, range);
    const letters: DeadLetter[] = [];
    for (let offset = range.first; offset < end && letters.length < limit; ) {
      const at: TopicPosition[] = [{ topic, partition, offset }];
      const read = readTopics(consumer, cluster, at, maxWaitMs);
      const [records] = await told(clusterOf(cluster), read);
      if (!records || records.next === offset) break;
      offset = records.next;
      for (const message of records.messages) {
        const letter = done.has(message.offset) ? null : readDeadLetter(message);
        if (letter && letters.length < limit) letters.push(letter);
      }
    }
    return letters;
  }

  async function replay(
    places: readonly LetterPlace[],
    by: string,
  ): Promise<readonly ReplayResult[]> {
    const results: ReplayResult[] = [];
    for (const [name, wanted] of Map.groupBy(places, ({ cluster }) => cluster)) {
      const cluster = clusters.find((one) => one.name === name);
      if (!cluster) {
        results.push(...wanted.map((place) => unknown(place, `there is no cluster "${name}"`)));
        continue;
      }
      await using(cluster, async (consumer) => {
        for (const place of wanted) results.push(await replayOne(consumer, place, by));
      });
    }
    return results;
  }

  async function replayOne(
    consumer: Consumer,
    place: LetterPlace,
    by: string,
  ): Promise<ReplayResult> {
    const known = triggers.some(
      ({ topic }) => deadLetterTopic(topicOn(topic, place.cluster) ?? '') === place.topic,
    );
    if (!known) return unknown(place, `no trigger has its dead letters in ${place.topic}`);
    const letter = await findLetter(consumer, place);
    if (!letter) return unknown(place, 'there is no dead letter here, or Kafka has removed it');
    const trigger = triggers.find(({ name }) => name === letter.trigger);
    if (!trigger) return unknown(place, `there is no trigger ${letter.trigger} any more`);
    const { id } = letter;
    try {
      const prepared = prepareMessage(trigger, letter.message, clock.now());
      let before = false;
      const note = async (tx: Transaction) => {
        before = !(await noteReplayed(tx, place, by, clock.now()));
      };
      if (prepared) await receive([prepared], note);
      else await database.transaction(note);
      return { id, outcome: before ? 'before' : 'replayed', detail: null };
    } catch (error) {
      const detail = error instanceof PoisonMessage ? error.message : describeFailure(error);
      return { id, outcome: 'failed', detail };
    }
  }

  async function findLetter(consumer: Consumer, place: LetterPlace): Promise<DeadLetter | null> {
    const { topic, partition } = place;
    const cluster = clusterOf(place.cluster);
    if (!(await topicsOn(cluster)).includes(topic)) return null;
    const range = (await told(cluster, rangesOf(consumer, topic)))[partition];
    const offset = BigInt(place.offset);
    if (!range || offset < range.first || offset >= range.end) return null;
    const at = [{ topic, partition, offset }];
    const [records] = await told(cluster, readTopics(consumer, cluster.name, at, maxWaitMs));
    const found = records?.messages.find((message) => message.offset === place.offset);
    return found ? readDeadLetter(found) : null;
  }

  const topics = clusters.flatMap(({ name }) => topicsRead(triggers, name));
  return { topics: [...new Set(topics)].toSorted(), list, replay };
}

function topicsOn(cluster: KafkaCluster): Promise<readonly string[]> {
  return told(
    cluster,
    withAdmin(cluster, (admin) => admin.listTopics()),
  );
}

/** What a cluster says; that it does not answer is a fault that may pass, and none of this program. */
async function told<Answer>(cluster: KafkaCluster, answer: Promise<Answer>): Promise<Answer> {
  try {
    return await answer;
  } catch (error) {
    throw unavailable(cluster, 'answer', error);
  }
}

function topicsRead(triggers: readonly TopicTrigger[], cluster: string): string[] {
  return triggers.flatMap(({ topic }) => topicOn(topic, cluster) ?? []);
}

/** The topics of dead letters on a cluster: of all its triggers, or of the one topic that is asked for. */
function topicsOf(
  triggers: readonly TopicTrigger[],
  cluster: string,
  only: string | undefined,
): string[] {
  const wanted = topicsRead(triggers, cluster).filter(
    (topic) => only === undefined || topic === only,
  );
  return [...new Set(wanted.map(deadLetterTopic))];
}

/** What of the range comes after a place, in the order of clusters, topics, partitions and offsets. */
function afterPlace(range: Range, place: LetterPlace): Range | null {
  const [own, other] = [
    [range.cluster, range.topic],
    [place.cluster, place.topic],
  ];
  for (const [at, text] of own.entries()) {
    if (text !== other[at]) return text > other[at]! ? range : null;
  }
  if (range.partition !== place.partition) return range.partition > place.partition ? range : null;
  const next = BigInt(place.offset) + 1n;
  return next > range.first ? { ...range, first: next } : range;
}

async function replayedIn(database: Database, range: Range): Promise<ReadonlySet<string>> {
  const { rows } = await database.query<{ position: string }>(
    `select position::text as position from kafka.replayed
      where cluster = $1 and topic = $2 and partition = $3 and position >= $4 and position < $5`,
    [range.cluster, range.topic, range.partition, String(range.first), String(range.end)],
  );
  return new Set(rows.map(({ position }) => position));
}

/** False when it was noted before. */
async function noteReplayed(
  tx: Transaction,
  { cluster, topic, partition, offset }: LetterPlace,
  by: string,
  now: Date,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into kafka.replayed (cluster, topic, partition, position, replayed_by, replayed_at)
     values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
    [cluster, topic, partition, offset, by, now],
  );
  return rowCount === 1;
}

function unknown({ cluster, topic, partition, offset }: LetterPlace, detail: string): ReplayResult {
  return { id: `${cluster}/${topic}/${partition}/${offset}`, outcome: 'unknown', detail };
}
