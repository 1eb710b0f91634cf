/**
 * One order as the tests follow it: placed, moved and looked at over HTTP, in the program and in the
 * sandboxes of the outside systems.
 */
import type { InstanceAnswer, InstanceRow, OrderAnswer } from '../../src/app/api-client.ts';
import { demoUsers } from '../../src/modules/users/index.ts';
import { waitUntil } from '../support/wait-until.ts';
import type { Answer, HttpClient, RequestParts } from './shop.ts';

/** The program and its sandboxes, as far as a story needs them. */
export interface Stage extends HttpClient {
  readonly gateway: HttpClient;
  readonly courier: HttpClient;
  readonly mail: HttpClient;
}

/** A charge, a refund, a session and a shipment as the sandboxes show them. */
export interface Charge {
  readonly id: string;
  readonly orderId: string;
  readonly amount: number;
  readonly amountRefunded: number;
  readonly status: string;
}
/** A session at the gateway. */
export interface Session {
  readonly id: string;
  readonly orderId: string;
  readonly status: string;
  readonly amount: number;
}
/** A shipment at the courier. */
export interface Shipment {
  readonly id: string;
  readonly orderId: string;
  readonly status: string;
  readonly trackingNumber: string;
}
/** A mail that was taken. */
export interface Mail {
  readonly messageId: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
}

/** The body of the plain order of the reference. */
export const plainOrder = { items: [{ productId: 'prod-100', quantity: 1 }], total: 100 } as const;
/** The body of the order that a person has to look at. */
export const riskyOrder = {
  items: [{ productId: 'prod-roaster-60', quantity: 1 }],
  total: 50_000,
  newCustomer: true,
} as const;

/** One order on its way. */
export class OrderStory {
  readonly stage: Stage;
  readonly id: string;
  /** The trace of the request that placed it. */
  readonly traceId: string;

  /** `as`: who looks at it, where demo mode lends nobody. */
  constructor(stage: Stage, id: string, traceId: string, as?: string) {
    const get: Stage['get'] = (path, parts) => stage.get(path, { as: as!, ...parts });
    this.stage = as === undefined ? stage : { ...stage, get };
    this.id = id;
    this.traceId = traceId;
  }

  async order(): Promise<OrderAnswer> {
    return (await this.stage.get<OrderAnswer>(`/api/v1/orders/${this.id}`)).body;
  }

  /** The process of the order, with its timeline. */
  async process(): Promise<InstanceAnswer> {
    const list = await this.stage.get<{ items: InstanceRow[] }>(
      `/api/v1/processes?process=process-order&businessKey=${this.id}`,
    );
    const found = list.body.items.map(({ id }) => id);
    if (found.length !== 1) {
      throw new Error(`expected one process of order ${this.id}, found ${found.length}`);
    }
    return (await this.stage.get<InstanceAnswer>(`/api/v1/processes/${found[0]}`)).body;
  }

  /** Elements that were completed, each once, in their order. */
  async steps(): Promise<string[]> {
    const { timeline } = await this.process();
    const done = timeline.filter(({ kind }) => kind === 'element.completed');
    return [...new Set(done.map(({ element }) => element))];
  }

  /** Resolves when the process waits at this element. */
  async standsAt(element: string): Promise<InstanceAnswer> {
    return await waitUntil(
      `order ${this.id} to stand at ${element}`,
      async () => {
        const process = await this.process();
        const waits = process.elements.find((active) => active.element === element);
        return waits && waits.waitingFor.length > 0 ? process : null;
      },
      { explain: () => this.tell() },
    );
  }

  /** Resolves when the process has ended. */
  async ended(): Promise<InstanceAnswer> {
    return await waitUntil(
      `the process of order ${this.id} to end`,
      async () => {
        const process = await this.process();
        return process.endedAt === null ? null : process;
      },
      { explain: () => this.tell() },
    );
  }

  /** Resolves when the order has this status. */
  async becomes(status: string): Promise<OrderAnswer> {
    return await waitUntil(
      `order ${this.id} to become ${status}`,
      async () => {
        const order = await this.order();
        return order.status === status ? order : null;
      },
      { explain: () => this.tell() },
    );
  }

  /** Pays or fails to, as the gateway's webhook would tell. */
  async paymentWebhook(status: 'completed' | 'failed', more = {}): Promise<Answer> {
    return await this.stage.post('/webhooks/payment', {
      body: { orderId: this.id, status, ...more },
    });
  }

  /** Moves the parcel as the courier's webhook would tell. */
  async deliveryWebhook(status: string, more = {}): Promise<Answer> {
    return await this.stage.post('/webhooks/delivery', {
      body: { orderId: this.id, status, ...more },
    });
  }

  async cancel(reason = 'Changed my mind'): Promise<Answer<OrderAnswer>> {
    return await this.stage.post(`/api/v1/orders/${this.id}/cancel`, { body: { reason } });
  }

  /** Pays on the gateway's page with a card of the sandbox. */
  async payOnPage(cardToken: string): Promise<Answer> {
    const [session] = await this.sessions();
    return await this.stage.gateway.post(`/sessions/${session?.id}/pay`, {
      body: { cardToken },
    });
  }

  async charges(): Promise<Charge[]> {
    const { body } = await this.stage.gateway.get<{ charges: Charge[] }>('/sandbox/charges');
    return body.charges.filter(({ orderId }) => orderId === this.id);
  }

  async sessions(): Promise<Session[]> {
    const { body } = await this.stage.gateway.get<{ sessions: Session[] }>('/sandbox/sessions');
    return body.sessions.filter(({ orderId }) => orderId === this.id);
  }

  async shipments(): Promise<Shipment[]> {
    const { body } = await this.stage.courier.get<{ shipments: Shipment[] }>('/sandbox/shipments');
    return body.shipments.filter(({ orderId }) => orderId === this.id);
  }

  /** Mails about the order, oldest first. */
  async mails(): Promise<Mail[]> {
    const { body } = await this.stage.mail.get<{ mails: Mail[] }>(
      `/sandbox/mails?to=${encodeURIComponent(demoUsers.customer.email)}`,
    );
    return body.mails.filter(({ text, subject }) => `${subject} ${text}`.includes(this.id));
  }

  /** The steps that were taken back, in that order. */
  async undone(): Promise<string[]> {
    const { timeline } = await this.process();
    const begun = timeline.filter(({ kind }) => kind === 'element.completed');
    return begun.flatMap(({ element }) => /^(.+)\.compensate$/.exec(element)?.[1] ?? []);
  }

  /** What the mails say in their subjects. */
  async subjects(): Promise<string[]> {
    return (await this.mails()).map(({ subject }) => subject.replace(this.id, 'ID'));
  }

  /** Status of the stock that was set aside; undefined when none was. */
  async reservation(): Promise<string | undefined> {
    const { body } = await this.stage.get<{ items: { status: string }[] }>(
      `/api/v1/inventory/reservations?orderId=${this.id}`,
    );
    return body.items[0]?.status;
  }

  /** Payments as the program has them, newest first. */
  async payments(): Promise<{ id: string; status: string; refundedAmount: number }[]> {
    const { body } = await this.stage.get<{
      items: { id: string; status: string; refundedAmount: number }[];
    }>(`/api/v1/payments/order/${this.id}`);
    return body.items;
  }

  /** Where it is, for the message of a test that waited in vain. */
  async tell(): Promise<string> {
    const { status, elements, timeline } = await this.process();
    const lines = timeline.slice(-12).map(({ seq, text }) => `  ${seq} ${text}`);
    return [`process ${status} at ${JSON.stringify(elements)}`, ...lines].join('\n');
  }
}

/** Places an order that must be taken. */
export async function placeOrder(
  stage: Stage,
  body: object = plainOrder,
  parts: RequestParts = {},
): Promise<OrderStory> {
  const answer = await stage.post<OrderAnswer>('/api/orders', { body, ...parts });
  if (answer.status !== 201) throw new Error(`expected an order, found ${answer.text}`);
  return new OrderStory(stage, answer.body.id, answer.headers.get('x-trace-id') ?? '');
}
