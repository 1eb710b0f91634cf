/** Manifests that do not fit together never start, and the error names everything at once. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import { nameTaken, shopModule } from '../../test/support/shop-module.ts';
import { defineError } from '../kernel/errors.ts';
import { defineEvent } from '../kernel/event.ts';
import { defineModule } from '../kernel/module.ts';
import { defineRead, defineTransactional } from '../kernel/procedure.ts';
import { checkModules } from './check-modules.ts';

const lost = defineEvent({
  name: 'thing.lost',
  version: 1,
  summary: 'A thing was lost',
  payload: z.object({}),
  key: () => 'thing',
});

const found = defineEvent({
  name: 'thing.found',
  version: 1,
  summary: 'A thing was found, by nobody who is named',
  payload: z.object({ finder: z.string() }),
  key: () => 'thing',
  forOwner: true,
});

test('a module by itself fits', () => {
  expect(() => checkModules([shopModule()])).not.toThrow();
});

test('every clash and every gap is listed', () => {
  const other = defineModule({
    name: 'other',
    summary: 'Clashes',
    schema: 'shop',
    procedures: [
      defineTransactional({
        name: 'shop.get-item',
        summary: 'The same name and route',
        input: z.object({ id: z.string() }),
        output: z.object({}),
        access: 'public',
        http: { method: 'GET', path: '/items/{id}' },
        errors: [defineError({ code: 'UNLISTED', status: 409, title: 'Unlisted.' })],
        emits: [lost],
        execute: () => Promise.resolve({}),
      }),
      defineRead({
        name: 'other.read',
        summary: 'A path with a parameter from nowhere',
        input: z.object({}),
        output: z.object({}),
        access: 'public',
        http: { method: 'GET', path: '/others/{otherId}' },
        errors: [],
        execute: () => Promise.resolve({}),
      }),
      defineRead({
        name: 'other.share',
        summary: 'At a path of nobody, with a parameter that it does not know',
        input: z.object({}),
        output: z.object({}),
        access: 'public',
        http: { method: 'GET', path: '/shared', alsoAt: '/nobodys/{thing}' },
        errors: [],
        execute: () => Promise.resolve({}),
      }),
      defineRead({
        name: 'other.share-writing',
        summary: 'Where something is written',
        input: z.object({}),
        output: z.object({}),
        access: 'public',
        http: { method: 'POST', path: '/shared', alsoAt: '/items' },
        errors: [],
        execute: () => Promise.resolve({}),
      }),
      defineTransactional({
        name: 'other.swallow',
        summary: 'A body that no memory holds',
        input: z.object({}),
        output: z.object({}),
        access: 'public',
        http: { method: 'POST', path: '/swallowed', bodyLimit: 1e12 },
        errors: [],
        execute: () => Promise.resolve({}),
      }),
    ],
    events: [found],
    errors: [nameTaken, defineError({ code: 'FORBIDDEN', status: 403, title: 'No.' })],
    webhooks: [
      { name: 'shop', summary: 'Twice', procedure: 'other.read', deliveryId: () => null },
      { name: 'gone', summary: 'To nowhere', procedure: 'other.gone', deliveryId: () => null },
    ],
  });
  expect(() => checkModules([shopModule(), other])).toThrow(
    [
      'the manifests of the modules do not fit together:',
      '- PostgreSQL schema "shop" is declared by shop and other; rename one',
      '- procedure "shop.get-item" is declared by shop and other; rename one',
      '- route "GET /items/{}" is declared by shop and other; rename one',
      '- error code "NAME_TAKEN" is declared by shop and other; rename one',
      '- webhook "shop" is declared by shop and other; rename one',
      '- other declares error FORBIDDEN, which the runner itself uses',
      '- thing.found is for its owner, but its payload has no field "userId" that names one',
      '- shop.get-item emits thing.lost, which the events of other do not list',
      "- shop.get-item may refuse with UNLISTED, which no module's errors list",
      '- shop.get-item writes, so it cannot be bound to GET',
      '- other.read has {otherId} in its path but no such field in its input',
      '- other.share is asked at /nobodys/{thing}, too; expected the path of another procedure',
      '- other.share is asked at /nobodys/{thing} and has no field thing in its input',
      '- other.share-writing is asked at /items, too; expected a reading procedure bound to GET',
      '- other.swallow takes a body of 1000000000000 bytes by POST; expected 1 to 100000000, not by GET',
      '- webhook shop needs a transactional procedure, other.read is read',
      '- webhook gone names procedure other.gone, which does not exist',
    ].join('\n'),
  );
});
