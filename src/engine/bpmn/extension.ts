/**
 * Our extension of BPMN: what a drawing needs to say that the standard has no words for. Documented in
 * `docs/reference/bpmn.md`; the names are part of stored drawings and are never changed.
 */

/** The namespace of the extension. It names, and is never fetched. */
export const extensionNamespace = 'urn:orderloom:bpmn:1';

const attribute = (name: string, type: 'String' | 'Integer' | 'Real' = 'String') => ({
  name,
  type,
  isAttr: true,
});
const element = (name: string, properties: readonly object[]) => ({
  name,
  superClass: ['Element'],
  properties,
});

/** The extension as moddle reads it. */
export const extension = {
  name: 'Orderloom',
  uri: extensionNamespace,
  prefix: 'orderloom',
  xml: { tagAlias: 'lowerCase' },
  types: [
    element(
      'Process',
      ['businessKey', 'fairBy', 'output', 'priority', 'variables', 'versionTag'].map((name) =>
        attribute(name),
      ),
    ),
    element('Code', [attribute('process'), attribute('version', 'Integer')]),
    element('Task', [
      ...['procedure', 'handler', 'result', 'timeout', 'irreversible', 'output', 'activate'].map(
        (name) => attribute(name),
      ),
      ...['roles', 'title', 'due'].map((name) => attribute(name)),
      ...['topic', 'taskPriority', 'expression', 'keepsBusinessKey'].map((name) => attribute(name)),
      ...['assignee', 'candidateUsers', 'candidateGroups', 'notDoneBy', 'priority'].map((name) =>
        attribute(name),
      ),
      ...['followUp', 'calendar', 'formKey'].map((name) => attribute(name)),
      ...['decision', 'decisionResult'].map((name) => attribute(name)),
      attribute('decisionVersion', 'Integer'),
      attribute('version', 'Integer'),
    ]),
    element('Event', [
      ...['handler', 'result', 'timeZone', 'catchUp', 'message'].map((name) => attribute(name)),
      attribute('most', 'Integer'),
    ]),
    element('Input', [attribute('name'), attribute('value')]),
    element('Output', [attribute('name'), attribute('value')]),
    element('Property', [attribute('name'), attribute('value')]),
    element('Local', [attribute('name'), attribute('value')]),
    element('Assign', [attribute('name'), attribute('value')]),
    element('Retry', [
      attribute('attempts', 'Integer'),
      attribute('delay'),
      attribute('delays'),
      attribute('factor', 'Real'),
      attribute('maxDelay'),
      attribute('jitter', 'Real'),
      attribute('error'),
    ]),
    element('Correlation', [attribute('field'), attribute('value')]),
    element('Message', [
      attribute('name'),
      { name: 'correlation', type: 'Correlation', isMany: true },
    ]),
    element(
      'Loop',
      ['collection', 'item', 'output'].map((name) => attribute(name)),
    ),
    element('Flow', [attribute('id')]),
    element(
      'Escalation',
      ['after', 'groups', 'users', 'priority'].map((name) => attribute(name)),
    ),
    element('Form', [{ name: 'schema', type: 'String', isBody: true }]),
    element(
      'Calendar',
      ['name', 'timeZone', 'days', 'hours', 'holidays'].map((name) => attribute(name)),
    ),
  ],
} as const;
