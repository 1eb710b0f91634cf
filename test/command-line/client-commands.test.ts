/** The commands that watch and steer a running program, as a person and as a script use them. */
import { cp, mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { usedDataFolder } from '../support/data-folder.ts';
import { runProgram, startServer } from '../support/running-program.ts';
import { waitUntil } from '../support/wait-until.ts';

const dataFolder = await usedDataFolder();
const server = await startServer({ env: { ORDERLOOM_DATA: dataFolder } });

/** What a command printed and how it ended. */
async function orderloom(...args: readonly string[]) {
  const { ended, output } = runProgram({ args, env: { PORT: String(server.port) } });
  const { code } = await ended;
  return { code, text: output() };
}

/** What a command printed for a script. */
async function orderloomJson(...args: readonly string[]): Promise<unknown> {
  const { code, text } = await orderloom(...args, '--json');
  expect(code, text).toBe(0);
  return JSON.parse(text);
}

async function api(path: string): Promise<unknown> {
  return await (await fetch(`${server.url}/api/v1${path}`)).json();
}

async function post(path: string, body: unknown): Promise<Response> {
  return await fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

async function placeOrder(productId: string, newCustomer = false): Promise<string> {
  const response = await post('/api/orders', { items: [{ productId, quantity: 1 }], newCustomer });
  expect(response.status).toBe(201);
  return ((await response.json()) as { id: string }).id;
}

interface Listed {
  readonly items: readonly Record<string, unknown>[];
}

async function openTaskOf(orderId: string): Promise<string> {
  return await waitUntil('a task', async () => {
    const { items } = (await api(`/tasks?businessKey=${orderId}`)) as Listed;
    return items[0]?.id as string | undefined;
  });
}

async function orderIs(orderId: string, wanted: Record<string, unknown>): Promise<void> {
  await waitUntil(`the order to be ${JSON.stringify(wanted)}`, async () => {
    const order = (await api(`/orders/${orderId}`)) as Record<string, unknown>;
    return Object.entries(wanted).every(([name, value]) => order[name] === value);
  });
}

/** Waits until the history of an order's process tells of this. */
async function historyHas(orderId: string, what: string): Promise<void> {
  const { items } = (await api(`/processes?businessKey=${orderId}`)) as Listed;
  await waitUntil(`${what} in the history`, async () =>
    JSON.stringify(await api(`/processes/${String(items[0]?.id)}`)).includes(what),
  );
}

describe('demo', () => {
  test('plays the three stories line by line', async () => {
    const { code, text } = await orderloom('demo');
    expect(code, text).toBe(0);
    expect(text).toContain('Story 3 of 3');
    expect(text).toContain('Wait for the payment: message received');
    expect(text).toContain('Undo: Reserve inventory: done');
    expect(text).toContain(`$ curl -X POST ${`http://localhost:${server.port}`}/webhooks/payment`);
    expect(text).toContain('All 3 stories ended as they should');
  });

  test('tells a script how each ended', async () => {
    expect(await orderloomJson('demo')).toEqual({
      stories: ['delivered', 'delivered', 'cancelled'].map((status) => ({
        story: expect.any(String),
        orderId: expect.any(String),
        instanceId: expect.any(String),
        status,
        problems: [],
      })),
    });
  });
});

describe('looking', () => {
  test('orders, processes and trace are tables for people and the answers of the API for scripts', async () => {
    const id = await placeOrder('prod-100');
    await historyHas(id, 'wait-payment');
    expect((await orderloom('processes', id)).text).toContain('waits for message payments.trigger');

    const list = await orderloom('orders', '--limit', '1');
    expect(list.text).toMatch(/^ORDER +STATUS +TOTAL +RISK +APPROVAL +PLACED$/m);
    expect(list.text).toMatch(new RegExp(`^${id} +pending +100.00 USD`, 'm'));
    expect(list.text).toMatch(/1 of \d+ orders; next ones: --cursor \S+/);
    expect(await orderloomJson('orders', '--limit', '2')).toEqual(await api('/orders?limit=2'));

    const order = await orderloom('orders', id);
    expect(order.text).toMatch(/^Total +100.00 USD$/m);
    expect(order.text).toMatch(/^Ship to +Demo Customer/m);
    expect(order.text).toMatch(/^amount +10 /m);
    expect(order.text).toMatch(/Carried by process-order, waiting: {2}orderloom processes \S+/);
    expect(await orderloomJson('orders', id)).toEqual(await api(`/orders/${id}`));

    const { items } = (await api(`/processes?businessKey=${id}`)) as Listed;
    const instanceId = String(items[0]?.id);
    const story = await orderloom('processes', instanceId);
    expect(story.text).toMatch(/^Process +Process an order \(process-order, version 1\)$/m);
    expect(story.text).toMatch(/^ +\d+ {2}[\d:.]+ {2}Reserve inventory: done$/m);
    expect(story.text).not.toContain('check-risk.join');
    expect((await orderloom('processes', id, '--all')).text).toContain('check-risk.join');
    expect(await orderloomJson('processes', id)).toEqual(await api(`/processes/${instanceId}`));
    expect(await orderloomJson('processes', id, '--at', '3')).toEqual(
      await api(`/processes/${instanceId}?at=3`),
    );

    const picture = await orderloom('diagram', id);
    expect(picture.text).toMatch(/^<svg .*\bwait-payment\b/s);
    expect(picture.text).toContain('<g class="waiting" data-element="wait-payment">');
    const shown = await fetch(`${server.url}/api/v1/processes/${instanceId}/diagram`);
    expect(shown.headers.get('content-type')).toBe('image/svg+xml; charset=utf-8');
    const drawing = 'src/processes/billing-orders/lineActivation.bpmn';
    expect((await orderloom('diagram', drawing)).text).toContain('Activate the line');
    const begun = await fetch(`${server.url}/api/workflow/start`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ mboOrderId: 'ORD-12345', accountId: 'ACC-98765' }),
    });
    expect(begun.status).toBe(202);
    // What it is about has no id of ours, and the processes that it calls are about the same.
    expect((await orderloom('processes', 'ORD-12345')).text).toContain('billingOrchestration_v2');
    expect((await orderloom('diagram', 'ORD-12345')).text).toContain('Work on the order');

    const trace = await orderloom('trace', id);
    expect(trace.text).toMatch(/order_creation +success +Order Service +orders.create/);
    expect(await orderloomJson('trace', id)).toEqual(
      await api(`/trace-events?orderId=${id}&limit=200`),
    );
  });

  test('a process is followed to its end', async () => {
    const id = await placeOrder('prod-brewing-course');
    const follower = runProgram({
      args: ['processes', id, '--follow'],
      env: { PORT: String(server.port) },
    });
    await waitUntil('the wait for the payment', () =>
      follower.output().includes('Wait for the payment: began'),
    );
    await post('/webhooks/payment', { orderId: id, status: 'completed' });
    expect((await follower.ended).code).toBe(0);
    expect(follower.output()).toMatch(/Process an order completed\n\nEnded: completed/);
    const lines = follower.output().match(/^ +\d+ {2}/gm) ?? [];
    expect(new Set(lines).size).toBe(lines.length);
  });
});

describe('events', () => {
  test('the log is a table for people and the answer of the API for scripts', async () => {
    const id = await placeOrder('prod-100');
    await waitUntil('the event', async () => {
      const { items } = (await api(`/event-log?keys=${id}`)) as Listed;
      return items.length > 0;
    });
    const { text } = await orderloom('events', '--key', id);
    expect(text).toContain('order.created');
    expect(text).toMatch(/^POSITION +AT +EVENT +KEY +PAYLOAD$/m);
    const query = ['--name', 'order.created', '--key', id] as const;
    expect(await orderloomJson('events', ...query)).toEqual(
      await api(`/event-log?names=order.created&keys=${id}`),
    );
  });

  test('the log is followed as it grows', async () => {
    const follower = runProgram({
      args: ['events', '--follow', '--name', 'order.created', '--after', '0', '--json'],
      env: { PORT: String(server.port) },
    });
    const id = await placeOrder('prod-100');
    const line = await waitUntil('the event', () =>
      follower
        .output()
        .split('\n')
        .find((text) => text.includes(id) && text.endsWith('}')),
    );
    expect(JSON.parse(line)).toMatchObject({
      specversion: '1.0',
      type: 'order.created',
      subject: id,
      data: { orderId: id },
    });
    await follower.kill();
  });
});

describe('deciding', () => {
  test('a risky order is approved by its own id', async () => {
    const id = await placeOrder('prod-roaster-60', true);
    const taskId = await openTaskOf(id);
    const tasks = await orderloom('tasks');
    expect(tasks.text).toContain(taskId);
    expect(tasks.text).toContain(`Decide:  orderloom approve`);
    const { code, text } = await orderloom('approve', id, '--reason', 'known to us');
    expect(code, text).toBe(0);
    expect(text).toBe(`Approved: ${id}\n`);
    await orderIs(id, { approval: 'approved', approvalReason: 'known to us' });
  });

  test('a task is claimed, changed, talked about and given back; all of it is told', async () => {
    const id = await openTaskOf(await placeOrder('prod-roaster-60', true));
    const claimed = await orderloom('task', 'claim', id);
    expect(claimed.code, claimed.text).toBe(0);
    expect(claimed.text).toMatch(/has it, priority 50/);
    expect((await orderloom('tasks', '--mine')).text).toContain(id);
    const due = '2031-02-03T10:00:00.000Z';
    const changed = await orderloomJson('task', 'change', id, '--due', due, '--priority', '80');
    expect(changed).toMatchObject({ dueAt: due, priority: 80 });
    expect((await orderloom('task', 'comment', id, 'I ask them.')).code).toBe(0);
    expect((await orderloom('task', 'attach', id, 'https://files.example/id.pdf')).code).toBe(0);
    expect((await orderloom('task', 'show', id)).text).toMatch(/you may +tasks\.approve/);
    expect((await orderloom('task', 'complete', id, '--output', 'no')).text).toMatch(/JSON/);
    expect((await orderloom('task', 'unclaim', id)).text).toMatch(/nobody has it/);
    const told = (await orderloom('task', 'audit', id)).text;
    for (const what of ['created', 'claimed', 'changed', 'I ask them.', 'id.pdf', 'unclaimed']) {
      expect(told).toContain(what);
    }
  });

  test('and rejected by the id of its task', async () => {
    const id = await placeOrder('prod-roaster-60', true);
    const taskId = await openTaskOf(id);
    expect(await orderloomJson('reject', taskId, '--reason', 'no such address')).toEqual({
      taskId,
      accepted: true,
    });
    await orderIs(id, { status: 'cancelled', cancelReason: 'no such address' });
  });

  test('what needs no decision is told so', async () => {
    const { code, text } = await orderloom('approve', '01900000-0000-7000-8000-00000000dead');
    expect(code).toBe(1);
    expect(text).toMatch(/^orderloom: .*\(TASK_NOT_FOUND\)$/m);
  });
});

describe('incidents', () => {
  async function orderWithIncident(): Promise<string> {
    // The gateway answers in a way that no repeat can mend.
    await fetch(`${server.sandboxes['payment gateway']}/sandbox/faults`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ operations: ['createSession'], failNext: 1, status: 400 }),
    });
    const id = await placeOrder('prod-100');
    await waitUntil('the incident', async () =>
      ((await api('/incidents')) as Listed).items.some(({ businessKey }) => businessKey === id),
    );
    return id;
  }

  test('are listed, and retried once the cause is mended', async () => {
    const id = await orderWithIncident();
    const { text } = await orderloom('incidents');
    expect(text).toContain('create-payment-session');
    expect(text).toMatch(/Mend the cause, then: {2}orderloom incidents retry \S+/);
    expect(await orderloomJson('incidents')).toEqual(await api('/incidents'));
    const retried = await orderloom('incidents', 'retry', id);
    expect(retried).toEqual({ code: 0, text: 'Trying create-payment-session again.\n' });
    await historyHas(id, 'wait-payment');
    expect((await orderloom('processes', id)).text).toContain('Wait for the payment: began');
  });

  test('can be skipped, with a reason that is kept', async () => {
    const id = await orderWithIncident();
    const output = JSON.stringify({ paymentId: 'by hand', url: null });
    const args = ['incidents', 'skip', id, '--reason', 'paid in the shop', '--output', output];
    expect((await orderloom(...args)).text).toContain('paid in the shop');
    await historyHas(id, 'paid in the shop');
    expect((await orderloom('processes', id)).text).toContain('because paid in the shop');
    const again = await orderloom('incidents', 'retry', id);
    expect(again.code).toBe(1);
    expect(again.text).toContain('expected the id of an open incident');
  });
});

describe('drawings', () => {
  test('a folder is deployed as a whole, once; what is too large is told by its size', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'orderloom-deploy-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const samples = fileURLToPath(new URL('../engine-rest/', import.meta.url));
    await mkdir(join(folder, 'tables'));
    await cp(join(samples, 'weigh.bpmn'), join(folder, 'weigh.bpmn'));
    await cp(join(samples, 'discount.dmn'), join(folder, 'tables', 'discount.dmn'));
    const deployed = (version: number | null, existing: boolean) => ({
      deployed: [{ process: 'weigh', version, file: 'weigh.bpmn', existing }],
      decisions: [{ decision: 'discount', version, file: 'discount.dmn', existing }],
    });
    const checked = await orderloomJson('deploy', '--dry-run', folder);
    expect(checked).toEqual(deployed(null, false));
    expect(await orderloomJson('deploy', folder)).toEqual(deployed(1, false));
    expect(await orderloomJson('deploy', folder)).toEqual(deployed(1, true));
    const { text } = await orderloom('export', 'weigh');
    expect(text).toContain('<process id="weigh" name="Weigh a parcel"');

    const drawing = await readFile(join(samples, 'weigh.bpmn'), 'utf8');
    const many = join(folder, 'many');
    await mkdir(many);
    for (let n = 0; n < 80; n += 1) {
      const xml = drawing.replace('id="weigh"', `id="weigh${n}"`);
      // One of them is larger than what other requests may carry.
      const note = n === 7 ? `<!--${'x'.repeat(1_500_000)}-->` : '';
      await writeFile(join(many, `weigh${n}.bpmn`), xml + note);
    }
    expect(await orderloomJson('deploy', many)).toMatchObject({ deployed: { length: 80 } });
    await Promise.all(
      Array.from({ length: 421 }, (_, n) => writeFile(join(many, `more${n}.bpmn`), drawing)),
    );
    const tooMany = await orderloom('deploy', many);
    expect(tooMany.code).toBe(1);
    expect(tooMany.text).toMatch(
      /at most 500 files .* found 501: nothing was deployed\. Deploy the/,
    );

    const huge = await open(join(folder, 'huge.bpmn'), 'w');
    await huge.truncate(100_000_000);
    await huge.close();
    const refused = await orderloom('deploy', folder);
    expect(refused.code).toBe(1);
    expect(refused.text).toMatch(/at most 40000000 bytes, found 100000000 in huge\.bpmn/);
  });
});

describe('what goes wrong', () => {
  test('no program: says how to start one', async () => {
    const { code, text } = await orderloom('orders', '--url', 'http://127.0.0.1:9');
    expect(code).toBe(1);
    expect(text).toMatch(/^orderloom: No Orderloom answers at http:\/\/127.0.0.1:9 .*`npm start`/);
    expect(text).not.toContain('    at ');
  });

  test('a problem of the API: its sentence, its code and its fields', async () => {
    const { code, text } = await orderloom('orders', '--status', 'lost');
    expect(code).toBe(1);
    expect(text).toContain('(INVALID_INPUT)');
    expect(text).toMatch(/^ {2}\/status: .*expected one of/m);
  });

  test.each([
    [['orders', '--url', 'nowhere'], /Expected a URL such as/],
    [['trace', 'nothing'], /expected a trace id/],
    [['incidents', 'skip', 'x'], /--reason/],
    [['fly'], /unknown command 'fly'/],
    [['processes', 't-99'], /expected an instance, or what one is about; found nothing for "t-99"/],
    [['migrate', '--instance', 't-99'], /found nothing for "t-99"/],
  ] as const)('orderloom %j', async (args, message) => {
    const { code, text } = await orderloom(...args);
    expect(code).toBe(1);
    expect(text).toMatch(message);
  });
});
