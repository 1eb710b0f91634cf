/** Ids that people write, and the names that people read when none was written. */
import { expectAuthored } from '../model/authoring-error.ts';

const kebabCase = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

/**
 * Ids become names of variables and parts of stored state, so their form is fixed: lower case
 * words, joined by hyphens. Dots are left to generated ids (`reserve-inventory.timeout`).
 */
export function checkId(id: string): void {
  expectAuthored(
    kebabCase.test(id) && id.length <= 80,
    `expected an id of at most 80 characters in lower case with hyphens, such as "wait-payment", ` +
      `found "${id}"`,
  );
}

/** `Wait payment` of `wait-payment`. */
export function nameOf(id: string): string {
  const words = id.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
