/** Puts a laid-out drawing into a file, as the standard's diagram interchange. */
import type { BpmnModdle, ModdleElement } from 'bpmn-moddle';
import { idOf, kindOf } from '../bpmn/moddle-values.ts';
import type { Drawn, DrawnEdge, DrawnShape } from './drawn-elements.ts';
import type { Box, Point } from './geometry.ts';

/** Gives the definitions these diagrams, in place of those that they have. */
export function writeDiagram(
  moddle: BpmnModdle,
  definitions: ModdleElement,
  drawings: readonly Drawn[],
): void {
  definitions.diagrams = drawings.map((drawn) => {
    const id = idOf(drawn.element);
    const plane = moddle.create('bpmndi:BPMNPlane', {
      id: `${id}.plane`,
      bpmnElement: drawn.element,
    });
    plane.planeElement = [
      ...drawn.shapes.map((shape) => shapeOf(moddle, shape)),
      ...drawn.edges.map((edge) => edgeOf(moddle, edge)),
    ];
    for (const child of plane.planeElement as ModdleElement[]) child.$parent = plane;
    const diagram = moddle.create('bpmndi:BPMNDiagram', { id: `${id}.diagram`, plane });
    plane.$parent = diagram;
    diagram.$parent = definitions;
    return diagram;
  });
}

function shapeOf(moddle: BpmnModdle, shape: DrawnShape): ModdleElement {
  const { element, box, label, isExpanded, isHorizontal } = shape;
  const made = moddle.create('bpmndi:BPMNShape', {
    id: `${idOf(element)}.shape`,
    bpmnElement: element,
    bounds: boundsOf(moddle, box),
    ...(isExpanded === undefined ? {} : { isExpanded }),
    ...(isHorizontal === undefined ? {} : { isHorizontal }),
    ...(kindOf(element) === 'exclusiveGateway' ? { isMarkerVisible: true } : {}),
    ...(label ? { label: labelOf(moddle, label) } : {}),
  });
  return adopted(made);
}

function edgeOf(moddle: BpmnModdle, { element, points, label }: DrawnEdge): ModdleElement {
  const made = moddle.create('bpmndi:BPMNEdge', {
    id: `${idOf(element)}.edge`,
    bpmnElement: element,
    waypoint: points.map((point) => moddle.create('dc:Point', rounded(point))),
    ...(label ? { label: labelOf(moddle, label) } : {}),
  });
  return adopted(made);
}

function labelOf(moddle: BpmnModdle, box: Box): ModdleElement {
  return adopted(moddle.create('bpmndi:BPMNLabel', { bounds: boundsOf(moddle, box) }));
}

function boundsOf(moddle: BpmnModdle, box: Box): ModdleElement {
  const width = Math.round(box.width);
  const height = Math.round(box.height);
  return moddle.create('dc:Bounds', { ...rounded(box), width, height });
}

const rounded = ({ x, y }: Point) => ({ x: Math.round(x), y: Math.round(y) });

/** The writer asks each element where it lies. */
function adopted(element: ModdleElement): ModdleElement {
  for (const value of [element.bounds, element.label, element.waypoint].flat()) {
    if (typeof value === 'object' && value !== null) (value as ModdleElement).$parent = element;
  }
  return element;
}
