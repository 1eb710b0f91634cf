/**
 * A real Kafka broker for tests and benchmarks: one node that is broker and controller (KRaft), in a
 * temporary folder that is gone afterwards. It can be stopped, killed and started again on the same
 * port with what it stored.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../free-port.ts';
import { expectBroker } from './broker-jars.ts';

const run = promisify(execFile);

/** What a broker may take to be ready; on two quiet cores it takes two seconds. */
const longestStartMs = 60_000;

/** The user of the listener that asks for a password. */
export const brokerUser = { username: 'orderloom', password: 'not-so-secret' } as const;

/** A running broker. */
export interface TestBroker {
  /** `127.0.0.1:port`, without encryption and password. */
  readonly address: string;
  /** `127.0.0.1:port` with TLS and `brokerUser` (SASL PLAIN), and the certificate to trust. */
  readonly secure: { readonly address: string; readonly certificate: string } | null;
  /** Stops it (`SIGTERM`), or kills it (`SIGKILL`); what it stored stays. */
  halt(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** Starts it again on the same port with what it stored; resolves when it is ready. */
  restart(): Promise<void>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

/** Java that starts quickly and is small: the tests of two workers share the machine. */
const java = [
  '-Xms256m',
  '-Xmx512m',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
  '-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info',
];

/** What a broker can do besides. */
export interface TestBrokerOptions {
  /** Listen with TLS and a password, too. @defaultValue false */
  readonly secure?: boolean;
}

/** Starts a broker on free ports. */
export async function startTestBroker(options: TestBrokerOptions = {}): Promise<TestBroker> {
  const classPath = join(await expectBroker(), '*');
  const folder = await mkdtemp(join(tmpdir(), 'orderloom-kafka-'));
  const [port, controller, securePort] = [await freePort(), await freePort(), await freePort()];
  const certificate = options.secure ? await makeCertificate(folder) : null;
  const properties = join(folder, 'server.properties');
  await writeFile(
    properties,
    [
      ...plainProperties(folder, Number(controller)),
      ...(certificate === null ? [] : secureProperties(folder)),
      `listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}` +
        (certificate === null ? '' : `,SASL_SSL://127.0.0.1:${securePort}`),
    ].join('\n'),
  );
  await run('java', [
    ...java,
    ...['-cp', classPath, 'kafka.tools.StorageTool', 'format'],
    ...['-t', 'b3JkZXJsb29tLXRlc3RzIQ', '-c', properties],
  ]);
  let broker = await launch(classPath, properties, folder);
  const halt = async (signal: 'SIGTERM' | 'SIGKILL') => {
    if (broker.exitCode !== null || broker.signalCode !== null) return;
    const gone = once(broker, 'exit');
    broker.kill(signal);
    await gone;
  };
  // A worker of the tests that is ended early must not leave its broker behind.
  const last = () => broker.kill('SIGKILL');
  process.once('exit', last);
  return {
    address: `127.0.0.1:${port}`,
    secure: certificate === null ? null : { address: `127.0.0.1:${securePort}`, certificate },
    halt,
    async restart() {
      await halt('SIGTERM');
      broker = await launch(classPath, properties, folder);
    },
    async stop() {
      process.removeListener('exit', last);
      await halt('SIGKILL');
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function plainProperties(folder: string, controller: number): string[] {
  return [
    'process.roles=broker,controller',
    'node.id=1',
    `controller.quorum.voters=1@127.0.0.1:${controller}`,
    'controller.listener.names=CONTROLLER',
    'listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL',
    `log.dirs=${join(folder, 'data')}`,
    'offsets.topic.replication.factor=1',
    'offsets.topic.num.partitions=1',
    'group.initial.rebalance.delay.ms=0',
    'group.min.session.timeout.ms=1000',
    // A killed broker that comes back is held for its own successor until this is over.
    'broker.session.timeout.ms=1000',
    'broker.heartbeat.interval.ms=250',
    'auto.create.topics.enable=false',
  ];
}

function secureProperties(folder: string): string[] {
  const login = 'org.apache.kafka.common.security.plain.PlainLoginModule required';
  const users = `user_${brokerUser.username}="${brokerUser.password}"`;
  const name = 'listener.name.sasl_ssl';
  return [
    'sasl.enabled.mechanisms=PLAIN',
    `${name}.sasl.enabled.mechanisms=PLAIN`,
    `${name}.plain.sasl.jaas.config=${login} ${users};`,
    `${name}.ssl.keystore.type=PKCS12`,
    `${name}.ssl.keystore.location=${join(folder, 'broker.p12')}`,
    `${name}.ssl.keystore.password=${storePassword}`,
  ];
}

const storePassword = 'changeit';

/** A certificate for 127.0.0.1 by `keytool`, which comes with Java. Gives it as PEM. */
async function makeCertificate(folder: string): Promise<string> {
  const store = ['-keystore', join(folder, 'broker.p12'), '-storepass', storePassword];
  await run('keytool', [
    ...['-genkeypair', '-alias', 'broker', '-keyalg', 'EC', '-groupname', 'secp256r1'],
    ...['-dname', 'CN=127.0.0.1', '-ext', 'SAN=ip:127.0.0.1', '-validity', '3'],
    ...['-storetype', 'PKCS12', ...store],
  ]);
  const { stdout } = await run('keytool', ['-exportcert', '-rfc', '-alias', 'broker', ...store]);
  return stdout;
}

async function launch(
  classPath: string,
  properties: string,
  folder: string,
): Promise<ChildProcess> {
  const broker = spawn('java', [...java, '-cp', classPath, 'kafka.Kafka', properties], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  const ready = new Promise<void>((resolve, reject) => {
    const late = setTimeout(() => {
      broker.kill('SIGKILL');
      reject(new Error(`the Kafka broker was not ready in ${longestStartMs} ms: ${said}`));
    }, longestStartMs);
    const end = () => clearTimeout(late);
    broker.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-4_000);
      if (!said.includes('Kafka Server started')) return;
      end();
      resolve();
    });
    broker.once('error', reject);
    broker.once('exit', () => {
      end();
      reject(new Error(`the Kafka broker ended while it started: ${said}`));
    });
  });
  await ready.catch(async (error: unknown) => {
    const settings = await readFile(properties, 'utf8').catch(() => '');
    throw new Error(`${String(error)}\nin ${folder} with\n${settings}`);
  });
  return broker;
}
