/** What the standard asks of gateways, and of whatever else has a default flow. */
import type { ModdleElement } from 'bpmn-moddle';
import { eventTrigger } from './events/event-positions.ts';
import { idOf, textOf } from './moddle-values.ts';
import type { Placed, PlacedFlow } from './place-elements.ts';
import type { Report } from './report.ts';

/** Each flow of an exclusive gateway says when it is taken, and a default flow is one of its own that does not. */
export function checkChoice(
  { element, kind }: Placed,
  out: readonly PlacedFlow[],
  report: Report,
): void {
  const preferred = element.default as ModdleElement | undefined;
  const isDefault = (flow: PlacedFlow) =>
    preferred !== undefined && idOf(preferred) === idOf(flow.element);
  const hasCondition = (flow: PlacedFlow) => flow.element.conditionExpression !== undefined;
  for (const flow of kind === 'exclusiveGateway' && out.length > 1 ? out : []) {
    if (isDefault(flow) || hasCondition(flow)) continue;
    report.add(
      'condition-missing',
      flow.element,
      `expected a condition, since gateway "${idOf(element)}" chooses, found none`,
      'add a condition, or make it the default flow',
    );
  }
  for (const flow of out) {
    if (!isDefault(flow) || !hasCondition(flow)) continue;
    report.add(
      'default-conditional',
      flow.element,
      'expected no condition at the default flow, found one',
      'take it out',
    );
  }
  if (preferred && !out.some(isDefault)) {
    report.add(
      'default-conditional',
      element,
      `expected the default flow to leave the element, found "${idOf(preferred)}"`,
      'name one of its own flows',
    );
  }
}

/** As many flows lead to a gateway and from it as its direction says. */
export function checkDirection(
  element: ModdleElement,
  into: number,
  out: number,
  report: Report,
): void {
  const direction = textOf(element, 'gatewayDirection') ?? 'Unspecified';
  const fits: Readonly<Record<string, boolean>> = {
    Unspecified: true,
    Converging: out <= 1 && into > 1,
    Diverging: into <= 1 && out > 1,
    Mixed: into > 1 && out > 1,
  };
  if (fits[direction] === true) return;
  report.add(
    'gateway-direction',
    element,
    `expected a gateway with the flows of gatewayDirection="${direction}", found ${into} that lead to it and ${out} from it`,
    'mend the direction, or take it out',
  );
}

/** A complex gateway that joins says which tokens begin it. */
export function checkActivation(element: ModdleElement, into: number, report: Report): void {
  if (into < 2 || element.activationCondition !== undefined) return;
  report.add(
    'activation-missing',
    element,
    'expected a condition that says which tokens begin it, found none',
    'add an activationCondition such as = activationCount >= 2',
  );
}

/** Behind an event-based gateway stand waits, and nothing else leads to them or hangs at them. */
export function checkTargets(
  element: ModdleElement,
  targets: readonly (Placed | undefined)[],
  isAlone: (target: Placed) => boolean,
  report: Report,
): void {
  const wrong = targets.find(
    (target) =>
      !target ||
      !['intermediateCatchEvent', 'receiveTask'].includes(target.kind) ||
      eventTrigger(target.element) === 'link' ||
      !isAlone(target) ||
      target.element.loopCharacteristics !== undefined,
  );
  if (targets.length >= 2 && !wrong) return;
  const found = wrong ? `"${wrong.id}" (${wrong.kind})` : `${targets.length}`;
  report.add(
    'event-gateway-target',
    element,
    `expected two or more catch events or receive tasks that are entered from here only and carry no markers, found ${found}`,
    'draw an event behind each flow',
  );
}
