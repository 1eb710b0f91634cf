/** User tasks: who does them, by when, with which form, and what they see and leave. */

import type { DialectContext } from './dialect-context.ts';
import { say, saysOf } from './our-words.ts';
import { translateForm } from './translate-form.ts';
import { translateMappings } from './translate-work.ts';
import { toldText } from './vendor-values.ts';
import type { VendorWords } from './vendor-words.ts';

/** Whoever works with tasks here: with those engines a task of nobody is for everybody. */
const everybody = 'operator manager support admin';

/** Writes the terms of a user task in our words. */
export function translatePerson(context: DialectContext, words: VendorWords): void {
  const { element } = words;
  const told = (name: string) => {
    const text = words.take(name);
    if (text === undefined || text === '') return undefined;
    return /[$#]\{/.test(text) ? toldText(text) : text;
  };
  const people = {
    assignee: told('assignee'),
    candidateUsers: told('candidateUsers'),
    candidateGroups: told('candidateGroups'),
  };
  const form = words.take('formRef');
  for (const name of ['formRefBinding', 'formRefVersion', 'formFieldValidation']) words.take(name);
  const isForSomebody =
    Object.values(people).some((one) => one !== undefined) ||
    saysOf(element, 'Task', Object.keys(people));
  const hasOwners = element.resources !== undefined;
  say(element, 'Task', {
    ...people,
    ...(isForSomebody || hasOwners ? {} : { roles: everybody }),
    due: told('dueDate'),
    followUp: told('followUpDate'),
    priority: told('priority'),
    formKey: told('formKey') ?? form,
    result: '*',
  });
  translateForm(context, words);
  translateMappings(context, words, 'Local');
}
