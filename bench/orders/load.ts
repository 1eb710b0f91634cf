/**
 * The load of the `orders` benchmark, in a process of its own: connections that each place one order
 * after the other. Reads its task from the command line and prints what it saw as its last line.
 *
 * It shares the machine with what it measures, so it speaks HTTP/1.1 over bare sockets and looks at no
 * more of an answer than its status and length: a client library took 0.27 ms of processor time an
 * order on the machine of the figures, a sixth of all that an order takes.
 */
import { connect, type Socket } from 'node:net';
import { quantile } from '../statistics.ts';

/** What the load program is told. */
export interface LoadTask {
  readonly url: string;
  readonly connections: number;
  /** Bearer tokens of customers, used in turn. */
  readonly tokens: readonly string[];
  readonly forMs: number;
}

/** What it saw. */
export interface LoadSeen {
  readonly placed: number;
  readonly seconds: number;
  readonly latencyMs: { readonly p50: number; readonly p95: number; readonly p99: number };
  /** Answers other than 201, by status; any of them voids the figures. */
  readonly otherAnswers: Readonly<Record<string, number>>;
}

const body = JSON.stringify({
  items: [{ productId: 'prod-100', quantity: 1 }],
  total: 100,
  currency: 'USD',
  shippingAddress: {
    line1: '1 Market Street',
    city: 'Springfield',
    postalCode: '12345',
    country: 'US',
  },
});

/** The whole request of one customer, the same each time. */
function requestOf({ host }: URL, token: string | undefined): Buffer {
  return Buffer.from(
    `POST /api/v1/orders HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${token}\r\n` +
      `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

/** One kept-alive connection. Sends a request and resolves to the status of its answer. */
class Connection {
  readonly #socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  #waiter: PromiseWithResolvers<number> | undefined;

  constructor(url: URL) {
    this.#socket = connect(Number(url.port), url.hostname);
    this.#socket.setNoDelay(true);
    this.#socket.on('data', (bytes: Buffer) => this.#take(bytes));
    this.#socket.on('error', (error) => this.#waiter?.reject(error));
    this.#socket.on('close', () => this.#waiter?.reject(new Error('the connection was closed')));
  }

  send(request: Buffer): Promise<number> {
    this.#waiter = Promise.withResolvers();
    this.#socket.write(request);
    return this.#waiter.promise;
  }

  close(): void {
    this.#waiter = undefined;
    this.#socket.destroy();
  }

  #take(bytes: Buffer): void {
    this.#received = this.#received.length === 0 ? bytes : Buffer.concat([this.#received, bytes]);
    const headEnd = this.#received.indexOf('\r\n\r\n');
    if (headEnd === -1) return;
    const head = this.#received.toString('latin1', 0, headEnd);
    const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
    if (length === undefined) {
      this.#waiter?.reject(new Error(`expected an answer with its content-length, found: ${head}`));
      return;
    }
    if (this.#received.length < headEnd + 4 + Number(length)) return;
    this.#received = Buffer.alloc(0);
    this.#waiter?.resolve(Number(head.slice('HTTP/1.1 '.length, 'HTTP/1.1 201'.length)));
  }
}

async function placeOrders(task: LoadTask): Promise<LoadSeen> {
  const { connections, tokens, forMs } = task;
  const url = new URL(task.url);
  const requests = tokens.map((token) => requestOf(url, token));
  const latencies: number[] = [];
  const otherAnswers: Record<string, number> = {};
  const begin = performance.now();
  let turn = 0;
  const customer = async () => {
    const connection = new Connection(url);
    while (performance.now() - begin < forMs) {
      const request = requests[turn++ % requests.length] ?? requestOf(url, undefined);
      const sent = performance.now();
      const status = await connection.send(request);
      if (status === 201) latencies.push(performance.now() - sent);
      else otherAnswers[status] = (otherAnswers[status] ?? 0) + 1;
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: connections }, customer));
  const seconds = (performance.now() - begin) / 1_000;
  const at = (share: number) => Number(quantile(latencies, share).toFixed(2));
  return {
    placed: latencies.length,
    seconds,
    latencyMs: { p50: at(0.5), p95: at(0.95), p99: at(0.99) },
    otherAnswers,
  };
}

const seen = await placeOrders(JSON.parse(process.argv[2] ?? '') as LoadTask);
process.stdout.write(`${JSON.stringify(seen)}\n`);
