/**
 * The manifests of all modules without a program around them: for what is only read, such as the
 * contracts. Nothing can be run with them.
 */
import { assert, Bug } from '../../kernel/errors.ts';
import type { ModuleDefinition } from '../../kernel/module.ts';
import { checkModules } from '../../procedures/index.ts';
import { createModules } from '../modules.ts';

/** Every module of the program, checked as at start-up. Needs no server, no database and no secrets. */
export function readManifests(): readonly ModuleDefinition[] {
  const modules = createModules({
    runner: notHere,
    engine: notHere,
    eventLog: notHere,
    kafka: notHere,
    integrations: { payments: inert(), courier: inert(), mail: null, billing: inert() },
    tokens: inert(),
    encryptionKey: new Uint8Array(32),
    webhooks: { changed: notHere, allowPrivate: false, eventNames: notHere },
  });
  checkModules(modules);
  return modules;
}

function notHere(): never {
  throw new Bug('a manifest was asked to run; it is only read here');
}

/** Stands where a part is only handed on; any use of it is a bug. */
function inert<Part extends object>(): Part {
  return new Proxy({} as Part, {
    get(_target, name) {
      assert(false, `a manifest used "${String(name)}" of a part while it was made`);
    },
  });
}
