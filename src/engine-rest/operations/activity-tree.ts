/**
 * Where an instance stands, as the tree that clients of this dialect walk: the process, in it the scopes that
 * are open (sub-processes, bodies of loops), and in these what runs. What waits to begin stands among the
 * activities, so there are no transition instances.
 */
import { definitionId } from '../definition-ids.ts';
import {
  type ActiveElement,
  activityInstanceId,
  activityType,
  type InstanceDetails,
} from './instance-view.ts';

/** The tree of an instance. */
export function activityTree(instance: InstanceDetails) {
  const { id, elements } = instance;
  const known = new Set(elements.map(({ n }) => n));
  const children = new Map<number, ActiveElement[]>();
  for (const element of elements) {
    // What lies in no scope that is told of lies in the process, whose number is 0 here.
    const parent = element.parent !== undefined && known.has(element.parent) ? element.parent : 0;
    children.set(parent, [...(children.get(parent) ?? []), element]);
  }
  const common = {
    processInstanceId: id,
    processDefinitionId: definitionId(instance),
    childTransitionInstances: [],
  };
  const branch = (element: ActiveElement, parentActivityInstanceId: string): object => {
    const own = activityInstanceId(element);
    const execution = `${id}:${element.n}`;
    const { element: activityId, incident } = element;
    return {
      ...common,
      id: own,
      parentActivityInstanceId,
      activityId: element.loop ? `${activityId}#multiInstanceBody` : activityId,
      activityName: element.name,
      name: element.name,
      activityType: element.loop ? 'multiInstanceBody' : activityType(element.type),
      executionIds: [execution],
      incidentIds: incident ? [execution] : [],
      incidents: incident ? [{ id: execution, activityId }] : [],
      childActivityInstances: (children.get(element.n) ?? []).map((one) => branch(one, own)),
    };
  };
  return {
    ...common,
    id,
    parentActivityInstanceId: null,
    activityId: definitionId(instance),
    activityName: instance.name,
    name: instance.name,
    activityType: 'processDefinition',
    executionIds: [id],
    incidentIds: [],
    incidents: [],
    childActivityInstances: (children.get(0) ?? []).map((one) => branch(one, id)),
  };
}
