/**
 * Reads JSON bodies, and a drawing in XML as the one field of one. curl labels its `-d` as urlencoded
 * unless told otherwise, so a body under that label, or under none, is taken as JSON when it begins like
 * an object; anything else is refused.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { refuse } from '../../kernel/errors.ts';
import { malformedJson, unsupportedMediaType } from '../errors.ts';
import { RefusedError } from '../problem.ts';

type Done = (error: Error | null, body?: unknown) => void;

/** The one route whose body may be a drawing itself. */
const xmlRoute = '/deployments';

/** Teaches the server to read bodies. */
export function addBodyParsing(server: FastifyInstance): void {
  const parseSafely = server.getDefaultJsonParser('error', 'error');
  const parse = (request: FastifyRequest, text: string, done: Done) => {
    if (text.trim() === '') return done(null, undefined);
    parseSafely(request, text, (error: Error | null, body?: unknown) => {
      done(error ? notJson(error) : null, body);
    });
  };
  const parseIfObject = (request: FastifyRequest, text: string, done: Done) => {
    const trimmed = text.trim();
    if (trimmed === '' || trimmed.startsWith('{')) {
      return parse(request, text, done);
    }
    done(wrongType(request));
  };
  server.removeAllContentTypeParsers();
  for (const type of ['application/json', /^application\/[\w.+-]+\+json/]) {
    server.addContentTypeParser(type, { parseAs: 'string' }, parse);
  }
  // A drawing may be the body itself: it is the same as the field `xml` of an object.
  for (const type of ['application/xml', 'text/xml']) {
    server.addContentTypeParser(type, { parseAs: 'string' }, (request, text: string, done) => {
      if (request.routeOptions.url?.endsWith(xmlRoute)) done(null, { xml: text });
      else done(wrongType(request));
    });
  }
  server.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    parseIfObject,
  );
  server.addContentTypeParser('*', { parseAs: 'string' }, (request, text: string, done) => {
    if (request.headers['content-type'] === undefined || text === '') {
      parseIfObject(request, text, done);
    } else {
      done(wrongType(request));
    }
  });
}

function notJson(error: Error): RefusedError {
  return new RefusedError(
    refuse(malformedJson, `expected a JSON body, found text that is none: ${error.message}`),
  );
}

function wrongType({ headers }: FastifyRequest): RefusedError {
  return new RefusedError(
    refuse(
      unsupportedMediaType,
      `expected a JSON object with Content-Type: application/json, found ` +
        `${headers['content-type'] ?? 'a body without a type'}; with curl, add ` +
        `-H 'Content-Type: application/json'`,
    ),
  );
}
