/** Writes BPMN files for measurements. */

/** What is inside a process. */
export interface Content {
  /** Elements, as XML. */
  readonly nodes: readonly string[];
  /** From where to where, and the condition of a conditional flow. */
  readonly flows: readonly (readonly (string | undefined)[])[];
}

/** A file with one executable process. */
export function drawing(process: string, content: Content): string {
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"',
    '  xmlns:orderloom="urn:orderloom:bpmn:1" id="definitions" targetNamespace="urn:orderloom:bench">',
    `  <process id="${process}" isExecutable="true">`,
    inside(content),
    '  </process>',
    '</definitions>',
  ].join('\n');
}

/** A service task that runs a procedure and keeps its output under its own id. */
export function serviceTask(
  id: string,
  task: {
    readonly procedure: string;
    readonly inputs: Readonly<Record<string, string>>;
    readonly inner?: string;
  },
): string {
  const inputs = Object.entries(task.inputs).map(
    ([name, value]) => `<orderloom:input name="${name}" value="${value}"/>`,
  );
  return (
    `<serviceTask id="${id}"><extensionElements>` +
    `<orderloom:task procedure="${task.procedure}" result="${id}" timeout="PT30S"/>${inputs.join('')}` +
    `<orderloom:retry attempts="3"/></extensionElements>${task.inner ?? ''}</serviceTask>`
  );
}

/** Nodes and flows of a process or sub-process. */
export function inside({ nodes, flows }: Content): string {
  const drawn = flows.map(([source, target, condition]) => {
    const ends = `id="${source}-to-${target}" sourceRef="${source}" targetRef="${target}"`;
    return condition === undefined
      ? `<sequenceFlow ${ends}/>`
      : `<sequenceFlow ${ends}><conditionExpression>${condition}</conditionExpression></sequenceFlow>`;
  });
  return [...nodes, ...drawn].join('\n');
}
