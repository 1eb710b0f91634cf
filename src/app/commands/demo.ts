/**
 * `orderloom demo`: plays the three stories of an order against a running program, and tells each line
 * of their processes as it happens. Fails when a story does not end as it should.
 */
import {
  type ApiClient,
  ApiProblem,
  CommandError,
  type InstanceAnswer,
  type InstanceRow,
  type OrderAnswer,
  type PageAnswer,
} from '../api-client.ts';
import type { CommandContext } from '../command-context.ts';
import { type Act, type Story, stories } from '../demo-stories.ts';
import { followInstance } from '../follow-instance.ts';
import { amount } from '../terminal.ts';
import { entryText, isStory } from './processes.ts';

/** Longer than any story takes, so that a story that stands still is noticed. */
const longestActMs = 30_000;

/** How one story ended. */
interface Outcome {
  readonly story: string;
  readonly orderId: string;
  readonly instanceId: string;
  readonly status: string;
  /** What is not as it should be; empty when all is well. */
  readonly problems: readonly string[];
}

/** Plays every story; the exit code is 1 when one of them did not end as it should. */
export async function playDemo(context: CommandContext): Promise<number> {
  const { api, answer, say } = context;
  const outcomes: Outcome[] = [];
  for (const [at, story] of stories.entries()) {
    say(`${at === 0 ? '' : '\n'}Story ${at + 1} of ${stories.length}: ${story.title}\n`);
    outcomes.push(await play(api, story, say));
  }
  const failed = outcomes.filter(({ problems }) => problems.length > 0);
  answer({ stories: outcomes }, () =>
    failed.length === 0
      ? `\nAll ${stories.length} stories ended as they should. Look again:  orderloom orders`
      : `\n${failed.length} of ${stories.length} stories did not end as they should.`,
  );
  return failed.length === 0 ? 0 : 1;
}

async function play(api: ApiClient, story: Story, say: (line: string) => void): Promise<Outcome> {
  const { order, instance } = await placeOrder(api, story, say);
  const follow = followerOf(api, instance.id, say);
  for (const act of story.acts) {
    await follow(act.when);
    say(`  # ${act.says}`);
    await perform(api, order.id, act, say);
  }
  const ended = await follow(null);
  const final = await api.get<OrderAnswer>(`/orders/${order.id}`);
  const problems = [
    ...differences('the process', ended.status, 'completed'),
    ...differences('the order', final.status, story.ends.status),
    ...differences('completed', final.completedAt !== null, story.ends.completed),
  ];
  say(`\n  The order is ${final.status}, its process is ${ended.status}.`);
  for (const problem of problems) say(`  NOT AS IT SHOULD BE: ${problem}`);
  const status = final.status;
  return { story: story.title, orderId: order.id, instanceId: instance.id, status, problems };
}

function differences(what: string, found: unknown, expected: unknown): string[] {
  return found === expected ? [] : [`${what}: expected ${expected}, found ${found}`];
}

async function placeOrder(
  api: ApiClient,
  story: Story,
  say: (line: string) => void,
): Promise<{ order: OrderAnswer; instance: InstanceRow }> {
  say(curlLine(api, '/api/orders', story.order));
  const order = await api.post<OrderAnswer>('/orders', story.order).catch(explainNoDemo);
  say(`  Order ${order.id}: ${amount(order.totalAmount, order.currency)}, ${order.status}`);
  // The process started in the transaction that placed the order, so it is there already.
  const carriers = await api.get<PageAnswer<InstanceRow>>('/processes', {
    businessKey: order.id,
  });
  const instance = carriers.items[0];
  if (instance === undefined) {
    throw new CommandError(`expected a process that carries order ${order.id}, found none`);
  }
  return { order, instance };
}

/** Tells each line of the instance's timeline once, however often it is asked to go on. */
function followerOf(api: ApiClient, instanceId: string, say: (line: string) => void) {
  let from = 1;
  return async (waitsAt: string | null): Promise<InstanceAnswer> =>
    await followInstance(api, instanceId, {
      from,
      withinMs: longestActMs,
      waitingFor: waitsAt === null ? 'its end' : `its wait "${waitsAt}"`,
      onEntry(entry) {
        from = entry.seq + 1;
        if (isStory(entry)) say(entryText(entry));
      },
      until: (instance) =>
        waitsAt === null ? instance.endedAt !== null : waits(instance, waitsAt),
    });
}

function waits({ elements }: InstanceAnswer, at: string): boolean {
  return elements.some(({ element, waitingFor }) => element === at && waitingFor.length > 0);
}

async function perform(
  api: ApiClient,
  orderId: string,
  { sends }: Act,
  say: (line: string) => void,
): Promise<void> {
  const body = { orderId, ...sends.body };
  if ('webhook' in sends) {
    say(curlLine(api, `/webhooks/${sends.webhook}`, body));
    await api.webhook(sends.webhook, body).catch(explainNoDemo);
  } else {
    say(curlLine(api, `/api${sends.post}`, body));
    await api.post(sends.post, body).catch(explainNoDemo);
  }
}

function curlLine({ url }: ApiClient, path: string, body: unknown): string {
  return `  $ curl -X POST ${url}${path} -d '${JSON.stringify(body)}'`;
}

function explainNoDemo(error: unknown): never {
  if (!(error instanceof ApiProblem) || error.status !== 401) throw error;
  throw new CommandError(
    `${error.message}\nThe stories need a program in demo mode: \`npm start\` without DATABASE_URL, ` +
      'HOST and NODE_ENV=production.',
  );
}
