/** The vendors whose extensions are read as ours. Names of namespaces; nothing is fetched from them. */

/** Vendor by namespace. Operaton and Activiti say the same as the engines that they come from. */
export const vendorNamespaces: ReadonlyMap<string, 'camunda' | 'flowable'> = new Map([
  ['http://camunda.org/schema/1.0/bpmn', 'camunda'],
  ['http://operaton.org/schema/1.0/bpmn', 'camunda'],
  ['http://flowable.org/bpmn', 'flowable'],
  ['http://activiti.org/bpmn', 'flowable'],
]);
