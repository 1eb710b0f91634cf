/**
 * Which properties of which elements mean something here. Whatever else a drawing sets is refused, so
 * that nothing it says is passed over.
 */
import type { ModdleElement } from 'bpmn-moddle';
import { kindOf, writtenProperties } from './moddle-values.ts';
import type { Report } from './report.ts';

const always = ['id', 'name', 'documentation', 'extensionElements', 'incoming', 'outgoing'];
const activity = [
  ...['isForCompensation', 'loopCharacteristics', 'default', 'startQuantity'],
  ...['completionQuantity', 'ioSpecification', 'properties'],
  ...['dataInputAssociations', 'dataOutputAssociations'],
];
const container = ['flowElements', 'artifacts', 'laneSets'];

const catching = [
  ...['eventDefinitions', 'eventDefinitionRef', 'parallelMultiple'],
  ...['dataOutputs', 'dataOutputAssociations', 'outputSet'],
];
const throwing = [
  ...['eventDefinitions', 'eventDefinitionRef'],
  ...['dataInputs', 'dataInputAssociations', 'inputSet'],
];

const known: Readonly<Record<string, readonly string[]>> = {
  process: ['isExecutable', 'processType', 'properties', 'correlationSubscriptions', ...container],
  correlationProperty: ['correlationPropertyRetrievalExpression', 'type'],
  startEvent: [...catching, 'isInterrupting'],
  endEvent: throwing,
  intermediateCatchEvent: catching,
  intermediateThrowEvent: throwing,
  boundaryEvent: [...catching, 'attachedToRef', 'cancelActivity'],
  task: activity,
  manualTask: activity,
  serviceTask: ['implementation', ...activity],
  sendTask: ['implementation', 'messageRef', ...activity],
  businessRuleTask: ['implementation', ...activity],
  scriptTask: ['scriptFormat', 'script', ...activity],
  userTask: ['implementation', 'resources', ...activity],
  performer: ['resourceRef', 'resourceAssignmentExpression'],
  humanPerformer: ['resourceRef', 'resourceAssignmentExpression'],
  potentialOwner: ['resourceRef', 'resourceAssignmentExpression'],
  resourceAssignmentExpression: ['expression'],
  resource: [],
  receiveTask: ['implementation', 'messageRef', 'instantiate', ...activity],
  subProcess: ['triggeredByEvent', ...container, ...activity],
  transaction: ['method', ...container, ...activity],
  adHocSubProcess: [
    ...['ordering', 'completionCondition', 'cancelRemainingInstances', ...container],
    ...activity,
  ],
  callActivity: ['calledElement', ...activity],
  exclusiveGateway: ['gatewayDirection', 'default'],
  parallelGateway: ['gatewayDirection'],
  inclusiveGateway: ['gatewayDirection', 'default'],
  complexGateway: ['gatewayDirection', 'default', 'activationCondition'],
  eventBasedGateway: ['gatewayDirection', 'eventGatewayType', 'instantiate'],
  sequenceFlow: ['sourceRef', 'targetRef', 'conditionExpression'],
  multiInstanceLoopCharacteristics: [
    ...['loopDataInputRef', 'inputDataItem', 'loopDataOutputRef', 'outputDataItem'],

    ...['isSequential', 'loopCardinality', 'completionCondition', 'behavior'],
    ...['noneBehaviorEventRef', 'oneBehaviorEventRef', 'complexBehaviorDefinition'],
  ],
  complexBehaviorDefinition: ['condition', 'event'],
  implicitThrowEvent: ['eventDefinitions', 'eventDefinitionRef'],
  standardLoopCharacteristics: ['testBefore', 'loopMaximum', 'loopCondition'],
  messageEventDefinition: ['messageRef'],
  timerEventDefinition: ['timeDate', 'timeDuration', 'timeCycle'],
  errorEventDefinition: ['errorRef'],
  signalEventDefinition: ['signalRef'],
  escalationEventDefinition: ['escalationRef'],
  conditionalEventDefinition: ['condition'],
  linkEventDefinition: [],
  cancelEventDefinition: [],
  signal: ['structureRef'],
  escalation: ['escalationCode', 'structureRef'],
  dataObject: ['itemSubjectRef', 'isCollection'],
  dataObjectReference: ['dataObjectRef', 'itemSubjectRef', 'dataState'],
  dataStoreReference: ['dataStoreRef', 'itemSubjectRef', 'dataState'],
  dataStore: ['capacity', 'isUnlimited', 'itemSubjectRef', 'dataState'],
  dataInputAssociation: ['sourceRef', 'targetRef', 'transformation', 'assignment'],
  dataOutputAssociation: ['sourceRef', 'targetRef', 'transformation', 'assignment'],
  inputOutputSpecification: ['dataInputs', 'dataOutputs', 'inputSets', 'outputSets'],
  dataInput: ['itemSubjectRef', 'isCollection'],
  dataOutput: ['itemSubjectRef', 'isCollection'],
  inputSet: ['dataInputRefs', 'optionalInputRefs'],
  outputSet: ['dataOutputRefs', 'optionalOutputRefs'],
  compensateEventDefinition: ['activityRef'],
  terminateEventDefinition: [],
  message: ['itemRef'],
  error: ['errorCode', 'structureRef'],
  formalExpression: ['body', 'language', 'evaluatesToTypeRef'],
  expression: ['body'],
  definitions: [
    ...['targetNamespace', 'expressionLanguage', 'typeLanguage', 'exporter', 'exporterVersion'],
    ...['imports', 'rootElements', 'diagrams', 'relationships'],
  ],
};

/** True for a kind of element that this engine reads. */
export function isKnownKind(kind: string): boolean {
  return known[kind] !== undefined;
}

/** Notes every property of an element that means nothing here. */
export function checkProperties(element: ModdleElement, report: Report): void {
  const kind = kindOf(element);
  const names = known[kind];
  if (!names) return;
  for (const name of writtenProperties(element)) {
    if (always.includes(name) || names.includes(name)) continue;
    report.add(
      'property-unsupported',
      element,
      `expected nothing about "${name}" at a ${kind}, found it set`,
      'take it out: this engine would not do what it says',
    );
  }
  for (const name of Object.keys(element.$attrs ?? {})) {
    if (name.includes(':') || name === 'xmlns') continue;
    report.add(
      'element-unknown',
      element,
      `expected attributes that the standard gives a ${kind}, found "${name}"`,
      'mend its name, or take it out',
    );
  }
}
