/** Multi-instance markers: the list, and what one item of it is called. */
import { say } from './our-words.ts';
import { variableText } from './vendor-values.ts';
import type { VendorWords } from './vendor-words.ts';

/** Writes the marker in our words. */
export function translateLoop(words: VendorWords): void {
  const [inner] = words.takeElements('collection');
  const collection = words.take('collection') ?? inner?.body;
  const item = words.take('elementVariable');
  // The counter is always there under this name.
  if (words.peek('elementIndexVariable') === 'loopCounter') words.take('elementIndexVariable');
  say(words.element, 'Loop', {
    collection: collection === undefined ? undefined : variableText(collection),
    item,
  });
}
