/**
 * One address in front of the nodes, as a load balancer has it: a request goes to any node, to the next
 * one when that is not there, and is given up when none answers in time. So a request may reach two
 * nodes, and an answer may be lost; whoever asks has to repeat it.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The running front door. */
export interface FrontDoor {
  readonly url: string;
  stop(): Promise<void>;
}

/** How long one node may take; a sleeping one takes for ever. */
const nodePatienceMs = 3_000;

/** Starts it; `nodes` gives the addresses to try, and is asked for each request. */
export async function startFrontDoor(nodes: () => readonly string[]): Promise<FrontDoor> {
  let turn = 0;
  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = chunks.length > 0 ? Buffer.concat(chunks) : undefined;
    const { host: _host, connection: _connection, ...headers } = request.headers;
    const order = nodes();
    turn += 1;
    for (let tried = 0; tried < order.length; tried += 1) {
      const node = order[(turn + tried) % order.length];
      try {
        const answer = await fetch(`${node}${request.url}`, {
          method: request.method ?? 'GET',
          headers: headers as Record<string, string>,
          ...(body ? { body } : {}),
          signal: AbortSignal.timeout(nodePatienceMs),
        });
        const text = Buffer.from(await answer.arrayBuffer());
        const type = answer.headers.get('content-type') ?? 'application/octet-stream';
        response.writeHead(answer.status, { 'content-type': type }).end(text);
        return;
      } catch {
        // The next one may be there.
      }
    }
    response.writeHead(502, { 'content-type': 'application/json' }).end('{"code":"NO_NODE"}');
  }
  const server = createServer((request, response) => {
    pass(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
