/** What a person sees when the program is ready: where to look and what to try. */
import type { Config } from './config.ts';
import { clustersOf } from './kafka.ts';
import type { Program } from './start-program.ts';

const usualPort = '3001';

/** Lines for the terminal. Secrets never appear in it. */
export function banner(program: Program, readyInMs: number): string {
  const { url, config, role, dataFolder, sandboxes } = program;
  const { demo, billing } = config;
  const at = url.replace('127.0.0.1', 'localhost').replace('[::1]', 'localhost');
  const lines = [
    '',
    `Orderloom is ready in ${(readyInMs / 1000).toFixed(1)} s at ${at}`,
    '',
    role === 'worker'
      ? '  Worker            moves processes; the API is at nodes that serve it'
      : `  API and try-out   ${at}/docs`,
    ...(role === 'api' ? ['  No engine here    processes are moved by workers'] : []),
    `  Health, metrics   ${at}/actuator/health   ${at}/actuator/prometheus`,
    ...(dataFolder === null ? [] : [`  Data              ${dataFolder}`]),
    ...kafkaLines(config),
    ...Object.entries(sandboxes).map(([name, where]) => `  Sandbox           ${name} at ${where}`),
    ...(role === 'api' ? [] : pausedLines(config, at)),
  ];
  if (demo) lines.push(...demoLines(at));
  if (demo && billing) lines.push(...billingLines(at));
  return `${lines.join('\n')}\n`;
}

/** The clusters that events go to, with their brokers; none of their secrets. */
export function kafkaLines(config: Config): string[] {
  return clustersOf(config).map(
    ({ name, brokers }) => `  Kafka             ${name} at ${brokers.join(', ')}`,
  );
}

/** Who starts a node without its work, or finds one so, is told how it begins. */
export function pausedLines(
  { ENGINE_PAUSED }: Pick<Config, 'ENGINE_PAUSED'>,
  at: string,
): string[] {
  if (ENGINE_PAUSED !== 'on') return [];
  return [
    '',
    `PAUSED: this node begins no step and no timer until:  ${commandAt(at)} engine resume`,
  ];
}

/** How the command line is called for the program at this address: it looks at the usual port by itself. */
function commandAt(at: string): string {
  const { port } = new URL(at);
  return port === usualPort ? 'npx orderloom' : `PORT=${port} npx orderloom`;
}

/** What to try in demo mode, with the program's address in it. */
export function demoLines(at: string): string[] {
  const run = commandAt(at);
  const curl = (path: string, body: string) => `  curl -X POST ${at}${path} -d '${body}'`;
  return [
    '',
    'DEMO MODE: this machine only; requests without credentials act as the demo user that the route',
    'needs, and webhooks may be unsigned. DATABASE_URL, another HOST or NODE_ENV=production end it.',
    '',
    'Try an order (100 USD), pay it, deliver it; put the order’s id in place of ID:',
    curl('/api/orders', '{"items": [{"productId": "prod-100", "quantity": 1}], "total": 100}'),
    curl('/webhooks/payment', '{"orderId": "ID", "status": "completed"}'),
    curl('/webhooks/delivery', '{"orderId": "ID", "status": "delivered"}'),
    '',
    'One that a manager must approve, and one whose payment fails:',
    curl(
      '/api/orders',
      '{"items": [{"productId": "prod-roaster-60", "quantity": 1}], "total": 50000, "newCustomer": true}',
    ),
    curl('/api/orders/approve', '{"orderId": "ID", "approved": true}'),
    curl('/webhooks/payment', '{"orderId": "ID", "status": "failed"}'),
    '',
    `Watch them:  ${['orders', 'tasks', 'processes'].map((list) => `${run} ${list}`).join('    ')}`,
    `Or let the three stories play:  ${run} demo`,
  ];
}

/** A billing order to try, which the sandboxes know. */
function billingLines(at: string): string[] {
  const body = '{"mboOrderId": "ORD-12345", "accountId": "ACC-98765"}';
  return [
    '',
    'A billing order of a telecom operator, and how far it is:',
    `  curl -X POST ${at}/api/workflow/start -d '${body}'`,
    `  curl ${at}/api/orders/ORD-12345/status`,
  ];
}
