/**
 * Finds the jars of a Kafka broker, or says why there is none. They are looked for in `KAFKA_LIBS`
 * (the `libs` folder of an unpacked Kafka), else Maven gets them once.
 */
import { exists, type Jars, javaProblem, mavenJars, noJars } from '../maven-jars.ts';

/** Kafka 4 brokers need at least this Java. */
const oldestJava = 17;

const pom = new URL('./kafka-broker.pom.xml', import.meta.url).pathname;

let found: Promise<Jars> | undefined;

/** Looks once per process. Never rejects: what goes wrong is the reason why there is no broker. */
export function brokerJars(): Promise<Jars> {
  found ??= find().catch((error: unknown) => noJars(String(error)));
  return found;
}

/** Rejects with the reason when there is no broker: for what cannot be skipped. */
export async function expectBroker(): Promise<string> {
  const { folder, missing } = await brokerJars();
  if (folder === null) throw new Error(`no Kafka broker: ${missing}`);
  return folder;
}

async function find(): Promise<Jars> {
  const problem = await javaProblem('Kafka 4', oldestJava);
  if (problem !== null) return noJars(problem);
  const given = process.env.KAFKA_LIBS;
  if (given === undefined) return await mavenJars(pom);
  if (await exists(given)) return { folder: given, missing: null };
  return noJars(`KAFKA_LIBS names ${given}, which does not exist`);
}
