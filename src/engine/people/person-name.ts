/**
 * How tasks write down who somebody is: by id or email, in one spelling, so that a person who is named in
 * capitals is the same person in lists, in the rights and under the rule of four eyes.
 */

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The spelling that is stored and compared: emails and ids in lower case, other names as they are. */
export function personName(name: string): string {
  return name.includes('@') || uuid.test(name) ? name.toLowerCase() : name;
}
