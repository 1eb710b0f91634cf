/** Pieces of SVG as text. Whatever comes from a drawing passes through `escaped`, so that it can only be text. */
import type { Point } from '../geometry.ts';
import { lineHeight } from '../text-size.ts';

/** Text that is safe between tags and in attributes; what XML does not allow at all is left out. */
export function escaped(text: string): string {
  return (
    text
      .toWellFormed()
      // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly those that XML forbids.
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
  );
}

/** An element. Attributes that are undefined are left out; content is markup already. */
export function tag(
  name: string,
  attributes: Readonly<Record<string, string | number | undefined>>,
  content = '',
): string {
  const written = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined
      ? []
      : [` ${key}="${typeof value === 'number' ? short(value) : escaped(value)}"`],
  );
  return content === ''
    ? `<${name}${written.join('')}/>`
    : `<${name}${written.join('')}>${content}</${name}>`;
}

/** A number with at most one decimal. */
export function short(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** A path of a fixed form, moved to a place. */
export function pathAt({ x, y }: Point, form: string, style: string): string {
  return tag('path', { d: form, class: style, transform: `translate(${short(x)} ${short(y)})` });
}

/** Lines below each other; `y` is the upper edge of the first one. */
export function textLines(
  lines: readonly string[],
  { x, y }: Point,
  options: { readonly style: string; readonly anchor?: 'start' | 'middle' | 'end' },
): string {
  if (lines.length === 0) return '';
  const spans = lines.map((line, index) =>
    tag('tspan', { x, y: y + 11 + index * lineHeight }, escaped(line)),
  );
  return tag(
    'text',
    { class: options.style, 'text-anchor': options.anchor ?? 'middle' },
    spans.join(''),
  );
}

/** A way with rounded corners. */
export function roundedWay(points: readonly Point[], radius = 6): string {
  const [first, ...rest] = points;
  if (!first) return '';
  let path = `M${short(first.x)} ${short(first.y)}`;
  for (const [index, point] of rest.entries()) {
    const before = points[index]!;
    const next = points[index + 2];
    if (!next) {
      path += `L${short(point.x)} ${short(point.y)}`;
      continue;
    }
    const r = Math.min(radius, distance(before, point) / 2, distance(point, next) / 2);
    const a = towards(point, before, r);
    const b = towards(point, next, r);
    path += `L${short(a.x)} ${short(a.y)}Q${short(point.x)} ${short(point.y)} ${short(b.x)} ${short(b.y)}`;
  }
  return path;
}

/** The way without its last pixels, so that it does not show through the tip of its arrow. */
export function shortened(points: readonly Point[], by: number): readonly Point[] {
  const last = points.at(-1);
  const before = points.at(-2);
  if (!last || !before || distance(before, last) <= by) return points;
  return [...points.slice(0, -1), towards(last, before, by)];
}

/** An arrow head whose tip is the end of a way. */
export function arrowHead(
  points: readonly Point[],
  style: string,
  { length, width, isOpen = false }: { length: number; width: number; isOpen?: boolean },
): string {
  const tip = points.at(-1)!;
  const from = points.at(-2) ?? tip;
  const size = distance(from, tip) || 1;
  const [ux, uy] = [(tip.x - from.x) / size, (tip.y - from.y) / size];
  const base = { x: tip.x - ux * length, y: tip.y - uy * length };
  const left = { x: base.x - (uy * width) / 2, y: base.y + (ux * width) / 2 };
  const right = { x: base.x + (uy * width) / 2, y: base.y - (ux * width) / 2 };
  const d = [left, tip, right].map(({ x, y }) => `${short(x)} ${short(y)}`).join('L');
  return tag('path', { d: `M${d}${isOpen ? '' : 'Z'}`, class: style });
}

/** How far two places are from each other. */
export function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

/** The place on the way from one to another, so far from the first. */
export function towards(from: Point, to: Point, by: number): Point {
  const size = distance(from, to) || 1;
  return { x: from.x + ((to.x - from.x) * by) / size, y: from.y + ((to.y - from.y) * by) / size };
}
