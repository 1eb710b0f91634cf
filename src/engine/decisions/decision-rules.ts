/**
 * The rules that a file of decisions must keep, by name. Names are part of what a deployment is answered
 * with, so they are never renamed; each has a file that breaks it among the tests.
 */

/** What each rule asks of a file. */
export const decisionRules = {
  'file-too-large': 'The file is no larger, no deeper and has no more elements than can be read.',
  'no-doctype': 'The file has no document type, and so no entities of its own.',
  'xml-malformed': 'The file is well-formed XML.',
  'dmn-unknown': 'The root is a definitions element of DMN 1.1 to 1.5.',
  'dmn-element': 'Every element of DMN is one that is read here.',
  'extension-foreign': 'Extensions of other vendors are not passed over in silence.',
  'id-invalid': 'Every decision has an id that can be a name of stored data.',
  'id-duplicate': 'Every id is used once.',
  'nothing-decided': 'The file has a decision, and every decision says how it is made.',
  'reference-missing': 'What is required is in the file.',
  'requirement-cycle': 'No decision requires itself.',
  'type-unknown': 'Every type is one of FEEL, or defined in the file.',
  'expression-invalid': 'Every expression and every cell can be read.',
  'expression-language': 'Every expression is FEEL.',
  'expression-unbounded': 'No expression can run for long, nor depend on chance.',
  'hit-policy': 'The hit policy and its aggregation are ones that the outputs can have.',
  'table-shape': 'Each rule has a cell for each input and output, and outputs have names.',
} as const satisfies Readonly<Record<string, string>>;

/** The name of a rule. */
export type DecisionRuleName = keyof typeof decisionRules;
