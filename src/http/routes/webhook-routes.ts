/** Mounts `POST /webhooks/<name>` for every webhook that a module declares. */
import type { FastifyInstance } from 'fastify';
import type { WebhookDefinition } from '../../kernel/webhook.ts';
import { sendAnswer } from '../answer.ts';
import type { HttpConfig } from '../options.ts';
import { isOwnPage } from '../plugins/own-page.ts';
import type { ReceiveWebhook } from '../webhooks/receive.ts';

/** Mounts the webhooks. Their bodies stay raw bytes, whatever they are labelled. */
export function addWebhookRoutes(
  server: FastifyInstance,
  options: {
    readonly webhooks: readonly WebhookDefinition[];
    readonly receive: ReceiveWebhook;
    readonly config: Pick<HttpConfig, 'demo' | 'corsOrigins'>;
  },
): void {
  const { webhooks, receive } = options;
  const { demo, corsOrigins } = options.config;
  server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => {
      done(null, body);
    });
    for (const definition of webhooks) {
      // Its sender repeats what was not taken, so it may be turned away, but last.
      const config = { work: 'under way' } as const;
      scope.post(`/webhooks/${definition.name}`, { config }, async (request, reply) => {
        const { body, headers, trace } = request;
        const rawBody = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
        const unsignedAllowed = demo !== false && isOwnPage(request, corsOrigins);
        const answer = await receive(definition, {
          rawBody,
          headers,
          trace,
          unsignedAllowed,
        });
        return sendAnswer(reply, answer);
      });
    }
  });
}
