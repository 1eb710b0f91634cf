/**
 * One billing order as the tests follow it: known to the operator's domain, started, moved and looked at over
 * HTTP, in the program and in the sandboxes of the nine systems.
 */
import type { EventAnswer, InstanceAnswer, InstanceRow } from '../../src/app/api-client.ts';
import { waitUntil } from '../support/wait-until.ts';
import { type Answer, type HttpClient, httpClient, newKey, type Shop } from './shop.ts';

/** How an order stands, as its status says. */
export interface BillingStatus {
  readonly orderId: string;
  readonly status: string;
  readonly currentStep: string;
  readonly progress: number;
  readonly lastUpdate: string;
  readonly estimatedCompletion: string | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

type Row = Readonly<Record<string, unknown>>;

let numbers = 0;

/** An order of new lines as the domain keeps it; every id is its own. */
export function newOrder(change: Row = {}) {
  numbers += 1;
  const digits = String(numbers).padStart(4, '0');
  return {
    orderId: `ORD-${digits}`,
    orderType: 'CREATE',
    accountId: `ACC-${digits}`,
    customerId: `CUST-${digits}`,
    lineItems: [lineItem(`${digits}0`)],
    promotions: [{ promoCode: 'SUMMER2025', discount: 15 }],
    payment: { method: 'CREDIT_CARD', token: 'tok_visa' },
    shipping: { address: '123 Main St, City, State 12345', method: 'OVERNIGHT' },
    ...change,
  };
}

/** A line of an order. */
export function lineItem(digits: string, change: Row = {}) {
  return {
    lineItemId: `ITEM-${digits}`,
    mdn: `214-555-${digits}`,
    imei: `3500000000${digits}`,
    iccid: `89000000000000${digits}`,
    deviceModel: 'iPhone 13',
    simType: 'eSIM',
    plan: 'UNLIMITED_DATA',
    monthlyCharge: 75,
    ...change,
  };
}

/** A sandbox of one of the nine systems. */
export function billingSystem(shop: Shop, name: string): HttpClient {
  return httpClient(`${shop.program.sandboxes['billing systems']}/${name}`);
}

/** Has the sandbox of a system misbehave, or behave again. */
export async function faults(shop: Shop, system: string, body: Row | null): Promise<void> {
  const path = '/sandbox/faults';
  const sandbox = billingSystem(shop, system);
  await (body === null ? sandbox.call('DELETE', path) : sandbox.call('PUT', path, { body }));
}

/** Says how what a system accepts ends: at once, well or not, or when it is told. */
export async function later(
  shop: Shop,
  system: string,
  outcome: 'succeed' | 'fail' | 'hold',
): Promise<void> {
  await billingSystem(shop, system).call('PUT', '/sandbox/later', { body: { outcome } });
}

/** A billing order that was started. */
export class BillingStory {
  readonly shop: Shop;
  readonly order: ReturnType<typeof newOrder>;
  readonly started: Answer;

  private constructor(shop: Shop, order: ReturnType<typeof newOrder>, started: Answer) {
    this.shop = shop;
    this.order = order;
    this.started = started;
  }

  /** Has the domain know an order. */
  static async known(shop: Shop, change: Row = {}): Promise<ReturnType<typeof newOrder>> {
    const body = newOrder(change);
    const kept = await billingSystem(shop, 'ds-mvno-order').post('/orders', {
      body,
      as: 'sandbox-key',
      key: newKey(),
    });
    if (kept.status !== 201) throw new Error(`expected an order in the domain, found ${kept.text}`);
    return body;
  }

  /** Has the domain know an order, and starts its process. */
  static async start(shop: Shop, change: Row = {}): Promise<BillingStory> {
    const order = await BillingStory.known(shop, change);
    const body = {
      mboOrderId: order.orderId,
      accountId: order.accountId,
      salesChangeOrder: order.orderType === 'CHANGE',
    };
    return new BillingStory(shop, order, await shop.post('/api/workflow/start', { body }));
  }

  /** Follows an order that something else has started. */
  static of(shop: Shop, order: ReturnType<typeof newOrder>, started: Answer): BillingStory {
    return new BillingStory(shop, order, started);
  }

  get id(): string {
    return this.order.orderId;
  }

  async status(): Promise<BillingStatus> {
    return (await this.shop.get<BillingStatus>(`/api/orders/${this.id}/status`)).body;
  }

  /** Waits until the order has this status, and gives how it stands then. */
  async becomes(status: string): Promise<BillingStatus> {
    return await waitUntil(
      `billing order ${this.id} to be ${status}`,
      async () => {
        const known = await this.status();
        return known.status === status ? known : null;
      },
      { explain: () => this.tell() },
    );
  }

  /** A process of the order; it is there when it is asked for. */
  async process(process = 'billingOrchestration_v2'): Promise<InstanceAnswer | null> {
    const { body } = await this.shop.get<{ items: InstanceRow[] }>(
      `/api/v1/processes?process=${process}&businessKey=${this.id}`,
    );
    const [row] = body.items;
    if (!row) return null;
    return (await this.shop.get<InstanceAnswer>(`/api/v1/processes/${row.id}`)).body;
  }

  /** Waits until a process of the order waits at this element. */
  async standsAt(element: string, process?: string): Promise<InstanceAnswer> {
    return await waitUntil(
      `billing order ${this.id} to stand at ${element}`,
      async () => {
        const found = await this.process(process);
        const active = found?.elements.find((one) => one.element === element);
        return active && active.waitingFor.length > 0 ? found : null;
      },
      { explain: () => this.tell() },
    );
  }

  /** Waits until a step has failed this often, and waits for its next attempt. */
  async fails(element: string, times: number, process?: string): Promise<void> {
    await waitUntil(
      `${element} to fail ${times} times`,
      async () => {
        const { timeline = [] } = (await this.process(process)) ?? {};
        return (
          timeline.filter((one) => one.kind === 'job.failed' && one.element === element).length >=
          times
        );
      },
      { explain: () => this.tell() },
    );
  }

  /** What the systems have of the order, read from their sandboxes. */
  async world() {
    const [mbos, xoms, xbo, domain, lines, accounts, devices, payments] = await Promise.all(
      [
        'mbos-billing',
        'xoms-biller',
        'xbo-adapter',
        'ds-mvno-order',
        'ds-mvno-line',
        'ds-mvno-account',
        'ds-mvno-device',
        'mvno-payment',
      ].map(async (name) => {
        const { body } = await billingSystem(this.shop, name).get<{
          records: Readonly<Record<string, readonly Row[]>>;
        }>('/sandbox/records');
        return body.records;
      }),
    );
    const own = (rows: readonly Row[] = []) => rows.filter(({ orderId }) => orderId === this.id);
    const ofAccount = (rows: readonly Row[] = []) =>
      rows.filter(({ accountId }) => accountId === this.order.accountId);
    const statuses = (rows: readonly Row[]) => rows.map(({ status }) => status);
    const imeis = this.order.lineItems.map(({ imei }) => imei);
    return {
      account: statuses(ofAccount(mbos?.accounts)),
      domainAccount: statuses(ofAccount(accounts?.accounts)),
      billingOrder: statuses(own(mbos?.orders)),
      billerOrder: statuses(own(xoms?.orders)),
      forced: statuses(own(xbo?.orders)),
      domainOrder: statuses(own(domain?.orders)),
      lines: statuses(own(lines?.lines)),
      devices: statuses(
        (devices?.devices ?? []).filter(({ imei }) => imeis.includes(String(imei))),
      ),
      payments: own(payments?.payments)
        .map(({ reference, status }) => `${String(reference).replace(`${this.id}:`, '')} ${status}`)
        .sort(),
    };
  }

  /** Events of a name that the log has of the order. */
  async events(name: string): Promise<readonly EventAnswer[]> {
    const { body } = await this.shop.get<{ items: readonly EventAnswer[] }>(
      `/api/v1/event-log?names=${name}&keys=${this.id}`,
    );
    return body.items;
  }

  /** Where it is, for the message of a test that waited in vain. */
  async tell(): Promise<string> {
    const lines = [`order ${JSON.stringify(await this.status())}`];
    for (const name of [
      'billingOrchestration_v2',
      'createAccount',
      'lineActivation',
      'changeOrder',
    ]) {
      const found = await this.process(name);
      if (!found) continue;
      const tail = found.timeline.slice(-8).map(({ seq, text }) => `  ${seq} ${text}`);
      lines.push(`${name} ${found.status} at ${JSON.stringify(found.elements)}`, ...tail);
    }
    return lines.join('\n');
  }
}
