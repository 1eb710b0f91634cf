/** Every element of the core, by its BPMN name. A missing one is a compile error. */
import type { ElementType } from '../model/process-model.ts';
import { callActivity } from './containers/call-activity.ts';
import { subProcess } from './containers/sub-process.ts';
import type { ElementDefinition } from './element.ts';
import { boundaryEvent } from './events/boundary-event.ts';
import { endEvent } from './events/end-event.ts';
import { intermediateCatchEvent } from './events/intermediate-catch-event.ts';
import { intermediateThrowEvent } from './events/intermediate-throw-event.ts';
import { startEvent } from './events/start-event.ts';
import { complexGateway } from './gateways/complex-gateway.ts';
import { eventBasedGateway } from './gateways/event-based-gateway.ts';
import { exclusiveGateway } from './gateways/exclusive-gateway.ts';
import { inclusiveGateway } from './gateways/inclusive-gateway.ts';
import { parallelGateway } from './gateways/parallel-gateway.ts';
import { externalTask } from './tasks/external-task.ts';
import { receiveTask } from './tasks/receive-task.ts';
import { serviceTask } from './tasks/service-task.ts';
import { task } from './tasks/task.ts';
import { userTask } from './tasks/user-task.ts';

type Elements = { readonly [Type in ElementType]: ElementDefinition<Type> };

/** The definition of each element; the key is the element type. */
export const elements: Elements = {
  startEvent,
  endEvent,
  intermediateCatchEvent,
  intermediateThrowEvent,
  boundaryEvent,
  task,
  serviceTask,
  externalTask,
  receiveTask,
  userTask,
  subProcess,
  callActivity,
  exclusiveGateway,
  parallelGateway,
  inclusiveGateway,
  complexGateway,
  eventBasedGateway,
};

/** The definition of a node's element, with its node type forgotten so that the loop can call it. */
export function elementOf(type: ElementType): ElementDefinition<ElementType> {
  return elements[type] as unknown as ElementDefinition<ElementType>;
}
