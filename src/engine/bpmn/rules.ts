/**
 * The rules that a drawing must keep, by name. Names are part of what a drawing is answered with, so
 * they are never renamed; each has a model that breaks it among the tests.
 */

/** What each rule asks of a drawing. */
export const rules = {
  'file-too-large': 'The file is no larger, no deeper and has no more elements than can be read.',
  'no-doctype': 'The file has no document type, and so no entities of its own.',
  'xml-malformed': 'The file is well-formed XML, and its root is a BPMN 2.0 definitions element.',
  'element-unknown': 'Every element and attribute of the BPMN namespace is one of the standard.',
  'id-duplicate': 'Every id is used once.',
  'key-taken': 'The id of a process is not that of one that is written in code.',
  'id-invalid': 'Every element that runs has an id that can be a name of stored data.',
  'reference-missing': 'What is referred to is there.',
  'extension-foreign': 'Extensions of other vendors are not passed over in silence.',
  'dialect-unsupported': 'Extensions of Camunda 7 and Flowable have a meaning here.',
  'listener-unsupported': 'No listeners: nothing here runs Java beside the steps.',
  'delegate-unmapped': 'A procedure is known for each Java class, bean and expression.',
  'extension-misplaced': 'Each extension stands at an element that knows what to do with it.',
  'extension-invalid': 'Each extension has the attributes that it needs, with usable values.',
  'nothing-executable': 'The file has a process that is marked as executable.',
  'element-unsupported': 'Every element is one that this engine runs.',
  'event-unsupported': 'Every event is one that this engine runs in this position.',
  'event-multiple': 'The definitions of an event can stand together.',
  'property-unsupported': 'Every property that is set has a meaning for this engine.',
  'start-missing': 'A process or sub-process has a start event.',
  'start-several':
    'A sub-process has one start event, a process one at most that waits for nothing.',
  'start-entered': 'No flow leads to a start event or a boundary event.',
  'end-missing': 'A process or sub-process has an end event.',
  'end-left': 'No flow leads from an end event.',
  'dead-end': 'A token can go on from every element that is not an end event.',
  unreachable: 'A token can reach every element.',
  'flow-crosses': 'A sequence flow does not cross the edge of a sub-process or a pool.',
  'lane-content': 'What lies in a lane is of its process, and lies in one lane.',
  'message-flow': 'A message flow leads from one pool to another, between what sends and receives.',
  'condition-misplaced':
    'Conditions stand at flows that leave an activity or a gateway that chooses.',
  'condition-missing': 'Each flow of a gateway that chooses has a condition or is the default.',
  'gateway-direction': 'A gateway has the flows that its direction says.',
  'activation-missing': 'A complex gateway that joins says when it begins.',
  'default-conditional':
    'The default flow has no condition, and leaves the element whose default it is.',
  'event-gateway-target':
    'Behind an event-based gateway stand two or more events or receive tasks, entered from there only.',
  'boundary-detached': 'A boundary event is attached to an activity.',
  'event-subprocess-flow':
    'No flow leads to or from an event sub-process, and nothing is attached to it.',
  'event-subprocess-start':
    'The start event of an event sub-process waits for something that happens while its scope runs.',
  'subprocess-start': 'An embedded sub-process starts with an event that waits for nothing.',
  'compensation-handler':
    'A compensation event is associated with one activity that is for compensation.',
  'compensation-flow': 'No flow leads to or from an activity that is for compensation.',
  'compensation-target': 'What is compensated is an activity in reach that has a handler.',
  'transaction-cancel':
    'A cancel end event lies in a transaction with one cancel event at its edge, and the other way round.',
  'data-association': 'A data association copies one thing from or to data of the process.',
  'data-sets':
    'Where an activity has several sets of data inputs or outputs, each input that a set requires has an association, and no loop makes a list of the outputs or takes one as input.',
  'adhoc-content':
    'An ad-hoc sub-process has an activity that no flow leads to, and no start or end events.',
  'adhoc-completion':
    'An ad-hoc sub-process says when it is done, or which activities begin with it.',
  'error-code': 'A thrown error has a code.',
  'escalation-code': 'A thrown escalation has a code.',
  'signal-name': 'A signal has a name.',
  'link-unmatched':
    'A link has both of its ends in the same process or sub-process: one that catches it, one or more that throw it.',
  'message-name': 'A message has a name.',
  'correlation-missing':
    'What waits for a message says how the message finds its instance; what begins together, by the same fields.',
  'correlation-misplaced': 'What starts a process by a message correlates nothing.',
  'correlation-key': 'A correlation property names one field of each message, and one key fits it.',
  instantiation:
    'What begins a process by its events lies at its top, with nothing before it but a plain start.',
  'timer-invalid': 'A timer has one time, of exact length or a moment.',
  'expression-invalid': 'Every expression can be read.',
  'expression-language': 'Every expression is in a language that is read here.',
  'expression-unbounded': 'No expression can run for long, nor depend on the clock or on chance.',
  'loop-invalid':
    'A multi-instance activity has a list, or a number of instances; a loop a condition, or a number.',
  'loop-behavior':
    'A multi-instance activity that throws events as its instances complete says which, and when.',
  'quantity-invalid': 'An activity asks for one token or more, and sends one or more on.',
  'procedure-missing': 'A task names the procedure that it runs.',
  'procedure-unknown': 'The procedure that is named is one that the program offers.',
  'decision-unknown': 'The decision that is named was deployed, or is in the same deployment.',
  'role-unknown': 'A task for people names roles that the program has.',
  'people-missing': 'A task for people says who may do it.',
  'people-invalid': 'What a task says of people, priority and escalation can be used.',
  'calendar-invalid':
    'A business calendar that is declared can be used, and one that is named is there.',
  'task-time-invalid':
    'A due or follow-up date is a duration, a date, a moment, or FEEL that gives one.',
  'form-invalid': 'A form is JSON Schema of an object, whose check takes bounded time.',
  'code-missing': 'Code that a drawing refers to is there and is of the same kind.',
  'model-unsound': 'The whole is a process that cannot get stuck.',
} as const satisfies Readonly<Record<string, string>>;

/** The name of a rule. */
export type RuleName = keyof typeof rules;
