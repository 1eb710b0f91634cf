/**
 * Link events: a throwing link is the way to the catching one of the same name in the same scope. The
 * model has a flow there, which no drawing shows.
 */
import type { ModdleElement } from 'bpmn-moddle';

import { textOf } from '../moddle-values.ts';
import type { Placed, PlacedFlow } from '../place-elements.ts';
import type { Report } from '../report.ts';
import { definitionsOf, eventTrigger } from './event-positions.ts';

/** The name of a link; empty when it has none, or the event is no link. */
function linkOf(event: ModdleElement): string {
  const [definition] = definitionsOf(event);
  return (definition && textOf(definition, 'name')) ?? '';
}

/** The flows from throwing links to catching ones; links without their other end are noted. */
export function linkFlows(
  nodes: ReadonlyMap<string, Placed>,
  drawn: readonly PlacedFlow[],
  report: Report,
): readonly PlacedFlow[] {
  const links = [...nodes.values()].filter(
    ({ kind, element }) => kind.startsWith('intermediate') && eventTrigger(element) === 'link',
  );
  const throwing = links.filter(({ kind }) => kind === 'intermediateThrowEvent');
  const catching = links.filter(({ kind }) => kind === 'intermediateCatchEvent');
  const note = ({ element }: Placed, found: string) =>
    report.add(
      'link-unmatched',
      element,
      `expected one catching link and one or more throwing ones of a name in the same process or sub-process, and no flow between, found ${found}`,
      'give both ends the same name, and take out flows behind the throwing and before the catching one',
    );
  for (const one of catching) {
    const isMet = throwing.some((other) => isPair(other, one));
    const isDouble = catching.some((other) => other !== one && isPair(other, one));
    const isEntered = drawn.some(({ target }) => target === one.id);
    if (!isMet) note(one, 'no throwing link for it');
    else if (isDouble) note(one, `several that catch "${linkOf(one.element)}"`);
    else if (isEntered) note(one, 'a flow to the catching link');
  }
  return throwing.flatMap((one) => {
    const target = catching.find((other) => isPair(one, other));
    if (!target) note(one, 'no catching link for it');
    else if (drawn.some(({ source }) => source === one.id))
      note(one, 'a flow from the throwing link');
    if (!target) return [];
    const id = `${one.id}.link`;
    const element = { $type: 'bpmn:SequenceFlow', id } as ModdleElement;
    return [{ element, id, source: one.id, target: target.id }];
  });
}

function isPair(one: Placed, other: Placed): boolean {
  const name = linkOf(one.element);
  return name !== '' && one.parent === other.parent && name === linkOf(other.element);
}
