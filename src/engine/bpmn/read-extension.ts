/** What a drawing says in our own extension at one element, and whether that element has a use for it. */
import type { ModdleElement } from 'bpmn-moddle';
import { elementOf, elementsOf, idOf, kindOf, textOf, writtenProperties } from './moddle-values.ts';
import type { Report } from './report.ts';

const work = [
  ...['procedure', 'handler', 'result', 'timeout', 'irreversible'],
  ...['topic', 'taskPriority', 'expression'],
];
const decided = ['decision', 'decisionVersion', 'decisionResult'];
/** What every activity takes. */
const ofActivities = { local: ['name', 'value'], assign: ['name', 'value'] } as const;

/** Which extensions each kind of element takes, and which of their attributes. */
const places: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  process: {
    process: ['businessKey', 'fairBy', 'output', 'priority', 'variables', 'versionTag'],
    code: ['process', 'version'],
    calendar: ['name', 'timeZone', 'days', 'hours', 'holidays'],
  },
  ...Object.fromEntries(
    ['serviceTask', 'sendTask', 'businessRuleTask'].map((kind) => [
      kind,
      {
        task: kind === 'sendTask' ? work : [...work, ...decided],
        input: ['name', 'value'],
        output: ['name', 'value'],
        retry: ['*'],
        property: ['name', 'value'],
      },
    ]),
  ),
  task: { task: ['handler'] },
  manualTask: { task: ['handler'] },
  scriptTask: { task: ['result'] },
  userTask: {
    task: [
      ...['handler', 'result', 'roles', 'title', 'due', 'assignee', 'candidateUsers'],
      ...['candidateGroups', 'notDoneBy', 'priority', 'followUp', 'calendar', 'formKey'],
    ],
    input: ['name', 'value'],
    message: ['*'],
    escalation: ['after', 'groups', 'users', 'priority'],
    form: ['schema'],
  },
  receiveTask: { task: ['handler', 'result'], correlation: ['field', 'value'], message: ['*'] },
  subProcess: { task: ['handler', 'result', 'output'] },
  transaction: { task: ['handler', 'result', 'output'] },
  adHocSubProcess: { task: ['handler', 'result', 'output', 'activate'] },
  callActivity: {
    task: ['handler', 'result', 'version', 'keepsBusinessKey'],
    input: ['name', 'value'],
  },
  multiInstanceLoopCharacteristics: { loop: ['collection', 'item', 'output'] },
  startEvent: { event: ['handler', 'result', 'timeZone', 'catchUp', 'most'] },
  intermediateCatchEvent: { event: ['handler', 'result', 'timeZone'] },
  boundaryEvent: { event: ['handler', 'result', 'timeZone'] },
  ...Object.fromEntries(
    ['intermediateThrowEvent', 'endEvent'].map((kind) => [
      kind,
      {
        event: kind === 'endEvent' ? ['handler', 'message'] : ['handler'],
        ...{ task: work, input: ['name', 'value'], output: ['name', 'value'], retry: ['*'] },
      },
    ]),
  ),
  messageEventDefinition: { correlation: ['field', 'value'], input: ['name', 'value'] },
  signalEventDefinition: { input: ['name', 'value'] },
  escalationEventDefinition: { input: ['name', 'value'] },
  sequenceFlow: { flow: ['id'] },
};

/** The extension of one element. */
export class ElementExtension {
  readonly #values: readonly ModdleElement[];

  constructor(element: ModdleElement, report: Report) {
    const holder = elementOf(element, 'extensionElements');
    const values = holder ? elementsOf(holder, 'values') : [];
    this.#values = values.filter(({ $type }) => $type.startsWith('orderloom:'));
    for (const value of this.#values) checkPlace(element, value, report);
  }

  /** The one extension of a kind; undefined when there is none. */
  one(kind: string): ModdleElement | undefined {
    return this.all(kind)[0];
  }

  all(kind: string): readonly ModdleElement[] {
    return this.#values.filter((value) => kindOf(value) === kind);
  }

  /** An attribute of the one extension of a kind. */
  text(kind: string, attribute: string): string | undefined {
    const found = this.one(kind);
    return found && textOf(found, attribute);
  }
}

function checkPlace(element: ModdleElement, value: ModdleElement, report: Report): void {
  const kind = kindOf(element);
  const own: Readonly<Record<string, readonly string[]>> | undefined = places[kind];
  const known = own?.task ? { ...own, ...ofActivities } : own;
  const attributes = known?.[kindOf(value)];
  const tag = `<orderloom:${kindOf(value)}>`;
  if (!attributes) {
    const taken = Object.keys(known ?? {}).join(', ') || 'none';
    report.add(
      'extension-misplaced',
      element,
      `expected an extension that a ${kind} takes (${taken}), found ${tag}`,
      `move it to the element that it is meant for`,
    );
    return;
  }
  const unknown = Object.keys(value.$attrs ?? {}).filter((name) => !name.startsWith('xmlns'));
  const odd = writtenProperties(value).filter(
    (name) => !attributes.includes('*') && !attributes.includes(name),
  );
  for (const name of [...unknown, ...odd]) {
    report.add(
      'extension-misplaced',
      element,
      `expected attributes that ${tag} has at a ${kind}, found "${name}" at "${idOf(element)}"`,
      'mend its name, or take it out',
    );
  }
}
