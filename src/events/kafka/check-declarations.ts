/** Whether what is declared for Kafka fits together, and fits the clusters of the settings. */
import { type EventDefinition, type Topic, topicOn } from '../../kernel/event.ts';
import type { ProcedureRunner } from '../../kernel/procedure.ts';
import type { TopicTrigger } from '../../kernel/topic-trigger.ts';
import type { KafkaCluster } from './cluster.ts';

/** What is checked. */
export interface KafkaDeclarations {
  readonly clusters: readonly KafkaCluster[];
  readonly events: readonly EventDefinition[];
  readonly triggers: readonly TopicTrigger[];
  readonly runner: Pick<ProcedureRunner, 'find'>;
}

/** Throws one error that lists everything that does not fit together. */
export function checkDeclarations({ clusters, events, triggers, runner }: KafkaDeclarations): void {
  const names = new Set(clusters.map(({ name }) => name));
  const problems = [
    ...repeated(clusters.map(({ name }) => name)).map((name) => `two clusters are named "${name}"`),
    ...repeated(triggers.map(({ name }) => name)).map((name) => `two triggers are named ${name}`),
    ...clusters.flatMap(({ name, fallback, standby }) => [
      ...(fallback === undefined || (names.has(fallback) && fallback !== name)
        ? []
        : [`cluster "${name}" has the fallback "${fallback}", which is no other cluster`]),
      ...(standby && !clusters.some((other) => other.fallback === name)
        ? [`cluster "${name}" stands by, and no cluster has it as its fallback`]
        : []),
    ]),
    ...triggers.flatMap((trigger) =>
      triggerProblems(trigger, { clusters, events, triggers, runner }),
    ),
  ];
  if (problems.length === 0) return;
  const list = problems.map((one) => `- ${one}`).join('\n');
  throw new Error(`what is declared for Kafka does not fit together:\n${list}`);
}

function repeated(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, at) => names.indexOf(name) !== at))];
}

function triggerProblems(
  { name, does }: TopicTrigger,
  { clusters, events, triggers, runner }: KafkaDeclarations,
): string[] {
  if ('procedure' in does) {
    const procedure = runner.find(does.procedure);
    if (!procedure)
      return [`trigger ${name} names procedure ${does.procedure}, which does not exist`];
    if (procedure.effect === 'transactional') return [];
    return [
      `trigger ${name} needs a transactional procedure, ${does.procedure} is ${procedure.effect}`,
    ];
  }
  const { event } = does;
  if (!events.includes(event))
    return [`trigger ${name} emits ${event.name}, which no module declares`];
  const read = (cluster: string) => triggers.map(({ topic }) => topicOn(topic, cluster));
  const circles = clusters.filter(({ name: cluster }) =>
    loops(event.topic, cluster, read(cluster)),
  );
  return circles.map(
    (cluster) =>
      `trigger ${name} emits ${event.name}, which goes to a topic of cluster "${cluster.name}" that a ` +
      'trigger reads: it would come back for ever',
  );
}

function loops(topic: Topic | undefined, cluster: string, read: readonly (string | undefined)[]) {
  const sent = topicOn(topic, cluster);
  return sent !== undefined && read.includes(sent);
}
