/** What the elements of DMN are called, and which of them are for people only. */

/** Namespaces of DMN 1.1 to 1.5; they name, and are never fetched. */
export const dmnNamespaces: ReadonlySet<string> = new Set([
  'http://www.omg.org/spec/DMN/20151101/dmn.xsd',
  'http://www.omg.org/spec/DMN/20180521/MODEL/',
  'https://www.omg.org/spec/DMN/20191111/MODEL/',
  'https://www.omg.org/spec/DMN/20211108/MODEL/',
  'https://www.omg.org/spec/DMN/20230324/MODEL/',
]);

/** Elements that change nothing about what is decided, wherever they stand. */
export const inertElements: ReadonlySet<string> = new Set([
  ...['description', 'question', 'allowedAnswers', 'extensionElements', 'textAnnotation'],
  ...['association', 'group', 'knowledgeSource', 'authorityRequirement', 'supportedObjective'],
  ...['impactedPerformanceIndicator', 'decisionMaker', 'decisionOwner', 'usingProcess'],
  ...['usingTask', 'elementCollection', 'performanceIndicator', 'organizationUnit'],
  ...['businessContextElement', 'annotation', 'annotationEntry', 'authorRef'],
]);

/** Elements that hold the logic of a decision or of a box in it. */
export const logicElements: ReadonlySet<string> = new Set([
  ...['literalExpression', 'decisionTable', 'context', 'invocation', 'list', 'relation'],
  ...['functionDefinition', 'conditional', 'for', 'every', 'some', 'filter'],
]);

/** Every other element that is read. */
const readElements: ReadonlySet<string> = new Set([
  ...['definitions', 'itemDefinition', 'typeRef', 'allowedValues', 'itemComponent', 'functionItem'],
  ...['decision', 'inputData', 'businessKnowledgeModel', 'variable', 'informationRequirement'],
  ...['knowledgeRequirement', 'requiredDecision', 'requiredInput', 'requiredKnowledge'],
  ...['requiredAuthority', 'encapsulatedLogic', 'formalParameter', 'text', 'input', 'output'],
  ...['inputExpression', 'inputValues', 'outputValues', 'defaultOutputEntry', 'rule'],
  ...['inputEntry', 'outputEntry', 'contextEntry', 'binding', 'parameter', 'column', 'row'],
  // Told where they stand, with what to do instead.
  ...['import', 'decisionService'],
]);

/** True for an element that is read, or that changes nothing. */
export function isKnownElement(name: string): boolean {
  return readElements.has(name) || inertElements.has(name) || logicElements.has(name);
}

/** Extensions of vendors that mean nothing to what is decided. */
export const cosmeticNamespaces =
  /^https?:\/\/([\w.-]*\.)?(bpmn\.io|drools\.org|kie\.org|trisotech\.com)\/|^http:\/\/camunda\.org\/schema\/modeler\/|\/non-normative\/color\//;

/** Attributes of Camunda that mean nothing here, or are read. */
export const knownVendorAttributes: ReadonlySet<string> = new Set([
  ...['historyTimeToLive', 'versionTag', 'inputVariable', 'diagramRelationId', 'width'],
]);

/** True for a language that is FEEL. */
export function isFeel(language: string | undefined): boolean {
  return language === undefined || /(^|\/)feel\/?$/i.test(language.trim());
}
