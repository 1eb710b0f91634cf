/**
 * The API reference with try-out at `/docs`, and the document behind it. Everything is served from
 * here, so it works without any network, and within the strict content security policy.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { stringify } from 'yaml';
import type { ModuleDefinition } from '../../kernel/module.ts';
import { asyncApiDocument } from '../asyncapi/document.ts';
import { openApiDocument } from '../openapi/document.ts';
import type { ApiInfo } from '../options.ts';

const page = (title: string) => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${title.replace(/[<>&"]/g, '')}</title>
    <link rel="stylesheet" href="/docs/swagger-ui.css">
    <link rel="icon" type="image/png" href="/docs/favicon-32x32.png">
  </head>
  <body>
    <div id="reference"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;

const startScript = `SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#reference',
  deepLinking: true,
  tryItOutEnabled: true,
  persistAuthorization: true,
  displayRequestDuration: true,
  docExpansion: 'list',
  filter: true,
  validatorUrl: null,
});
`;

const assets: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
};

/** Mounts `/docs`, and the documents of the API and of the events as JSON and YAML. */
export function addDocsRoutes(
  server: FastifyInstance,
  { modules, info }: { readonly modules: readonly ModuleDefinition[]; readonly info: ApiInfo },
): void {
  const documents = {
    '/openapi': () => openApiDocument(modules, info),
    '/asyncapi': () => asyncApiDocument(modules, info),
  };
  for (const [path, document] of Object.entries(documents)) {
    const json = once(() => JSON.stringify(document()));
    const yaml = once(() => stringify(JSON.parse(json()), { aliasDuplicateObjects: false }));
    server.get(`${path}.json`, async (_request, reply) =>
      reply.type('application/json; charset=utf-8').send(json()),
    );
    server.get(`${path}.yaml`, async (_request, reply) =>
      reply.type('application/yaml; charset=utf-8').send(yaml()),
    );
  }
  server.get('/docs', async (_request, reply) =>
    reply.type('text/html; charset=utf-8').send(page(info.title)),
  );
  server.get('/docs/start.js', async (_request, reply) =>
    reply.type('text/javascript; charset=utf-8').send(startScript),
  );
  for (const [file, type] of Object.entries(assets)) {
    const read = once(() => readAsset(file));
    server.get(`/docs/${file}`, async (request, reply) => {
      const { bytes, tag } = await read();
      reply.headers({ etag: tag, 'cache-control': 'no-cache' });
      if (request.headers['if-none-match'] === tag) return reply.code(304).send();
      return sendBytes(reply, type, bytes);
    });
  }
}

function sendBytes(reply: FastifyReply, type: string, bytes: Buffer): FastifyReply {
  return reply.type(type).send(bytes);
}

async function readAsset(file: string): Promise<{ bytes: Buffer; tag: string }> {
  const path = createRequire(import.meta.url).resolve(`swagger-ui-dist/${file}`);
  const bytes = await readFile(path);
  return { bytes, tag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"` };
}

/** Documents and files do not change while the program runs: made at the first request, then kept. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
