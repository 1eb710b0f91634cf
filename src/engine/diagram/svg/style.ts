/**
 * How a diagram looks, in light and in dark. Every rule is for what lies in a diagram only, so that a page that holds
 * the picture keeps its own looks; nothing is loaded from anywhere.
 */
import type { ElementState } from '../marks.ts';

interface Palette {
  readonly paper: string;
  readonly surface: string;
  readonly inner: string;
  readonly line: string;
  readonly ink: string;
  readonly soft: string;
  readonly faint: string;
}

const light: Palette = {
  paper: '#ffffff',
  surface: '#ffffff',
  inner: '#f8fafc',
  line: '#334155',
  ink: '#0f172a',
  soft: '#475569',
  faint: '#94a3b8',
};
const dark: Palette = {
  paper: '#0f172a',
  surface: '#1e293b',
  inner: '#162033',
  line: '#cbd5e1',
  ink: '#f1f5f9',
  soft: '#a9b6c8',
  faint: '#64748b',
};

/** Line and fill of each state; text on the line's colour can be read. */
const lightStates: Readonly<Record<ElementState, readonly [line: string, fill: string]>> = {
  completed: ['#15803d', '#f0fdf4'],
  running: ['#1d4ed8', '#eff6ff'],
  waiting: ['#b45309', '#fffbeb'],
  retrying: ['#c2410c', '#fff7ed'],
  incident: ['#b91c1c', '#fef2f2'],
  cancelled: ['#64748b', '#f1f5f9'],
};
const darkStates: typeof lightStates = {
  completed: ['#4ade80', '#12301f'],
  running: ['#60a5fa', '#172c52'],
  waiting: ['#fbbf24', '#362a10'],
  retrying: ['#fb923c', '#3a2414'],
  incident: ['#f87171', '#3d1a1f'],
  cancelled: ['#94a3b8', '#27303f'],
};

/** The style sheet of a diagram. */
export function styleSheet(): string {
  return `${rules(light, lightStates)}@media (prefers-color-scheme:dark){${rules(dark, darkStates)}}`;
}

function rules(palette: Palette, states: typeof lightStates): string {
  const { paper, surface, inner, line, ink, soft, faint } = palette;
  const all: Readonly<Record<string, string>> = {
    '.paper': `fill:${paper}`,
    '.shape': `fill:${surface};stroke:${line};stroke-width:1.5`,
    '.pool': `fill:${paper};stroke:${line};stroke-width:1.5`,
    '.lane': `fill:none;stroke:${faint};stroke-width:1`,
    '.inner': `fill:${inner};stroke:${line};stroke-width:1.5`,
    '.ring': `fill:none;stroke:${line};stroke-width:1.5`,
    '.thick': 'stroke-width:3.5',
    '.dashed': 'stroke-dasharray:4 3',
    '.dotted': 'stroke-dasharray:1.5 3.5;stroke-linecap:round',
    '.sign': `fill:none;stroke:${line};stroke-width:1.3;stroke-linejoin:round;stroke-linecap:round`,
    '.filled': `fill:${line}`,
    '.bold': 'stroke-width:3',
    '.on-filled': `fill:none;stroke:${surface};stroke-width:1.3`,
    '.flow': `fill:none;stroke:${line};stroke-width:1.5;stroke-linejoin:round`,
    '.head': `fill:${line};stroke:${line};stroke-width:1;stroke-linejoin:round`,
    '.open': `fill:${paper};stroke:${line};stroke-width:1.3`,
    '.pointer': `fill:none;stroke:${soft};stroke-width:1.2`,
    '.group': `fill:none;stroke:${soft};stroke-width:1.3;stroke-dasharray:8 3 1.5 3`,
    '.text': `fill:${ink}`,
    '.beside': `fill:${ink};stroke:${paper};stroke-width:3;stroke-linejoin:round;paint-order:stroke`,
    '.flow-name': `fill:${soft};stroke:${paper};stroke-width:3;stroke-linejoin:round;paint-order:stroke`,
    '.name': `fill:${ink};font-weight:600`,
    '.badge-sign': `fill:none;stroke:${paper};stroke-width:1.6;stroke-linecap:round;stroke-linejoin:round`,
    '.badge-text': `fill:${paper};font-weight:600;font-size:11px`,
    '.taken .flow': `stroke:${states.completed[0]};stroke-width:2.5`,
    '.taken .head': `fill:${states.completed[0]};stroke:${states.completed[0]}`,
  };
  const own = Object.entries(states).flatMap(([state, [border, fill]]) => [
    [`.${state}>.shape,.${state}>.inner`, `fill:${fill};stroke:${border};stroke-width:2.5`],
    [`.${state}>.ring`, `stroke:${border}`],
    [`.${state}>.thick`, 'stroke-width:4'],
    [`.badge-${state}`, `fill:${border};stroke:${paper};stroke-width:1.5`],
  ]);
  const text = [...Object.entries(all), ...own].map(([selector, rule]) => {
    const scoped = (selector ?? '').split(',').map((one) => `.ol-diagram ${one}`);
    return `${scoped.join(',')}{${rule}}`;
  });
  return text.join('');
}
