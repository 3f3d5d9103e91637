import { Chart } from '../src/viz/charts/chart';
import type { CallNode } from './js-profile';

/** A function's bar: from its caller's left edge on, as wide as its time. */
interface Bar {
  name: string;
  depth: number;
  begin: number;
  end: number;
  label: string;
}

const WIDTH = 900;
const BAR_HEIGHT = 18;
/** Bars below this share of the width would be lines. */
const NARROWEST = 0.002;
const CHARACTER_WIDTH = 6;

function bars(root: CallNode, unit: number): Bar[] {
  const list: Bar[] = [];
  const visit = (node: CallNode, depth: number, begin: number) => {
    const length = node.seconds * unit;
    const share = node.seconds / root.seconds;
    if (share < NARROWEST) return;
    const fits = Math.floor((share * WIDTH) / CHARACTER_WIDTH) - 1;
    const label =
      fits < 3 ? '' : node.name.length <= fits ? node.name : `${node.name.slice(0, fits - 1)}…`;
    list.push({ name: node.name, depth, begin, end: begin + length, label });
    let next = begin;
    for (const child of [...node.children].sort((a, b) => b.seconds - a.seconds)) {
      visit(child, depth + 1, next);
      next += child.seconds * unit;
    }
  };
  visit(root, 0, 0);
  return list;
}

/**
 * Callers above what they call, the longest on the left.
 *
 * @param images that the time was for
 */
export function flameGraph(root: CallNode, images: number, title: string): Promise<Chart> {
  const values = bars(root, 1000 / images);
  const deepest = Math.max(...values.map(({ depth }) => depth));
  const y = { field: 'depth', type: 'ordinal' as const, axis: null };
  const total = ((root.seconds * 1000) / images).toFixed(2);
  return Chart.from(
    {
      title: { text: title, subtitle: `${total} ms an image, TensorFlow's ops left out` },
      width: WIDTH,
      height: { step: BAR_HEIGHT },
      data: { values },
      layer: [
        {
          mark: { type: 'rect', stroke: 'white', strokeWidth: 0.5, cornerRadius: 2 },
          encoding: {
            x: {
              field: 'begin',
              type: 'quantitative',
              title: 'ms an image',
              scale: { nice: false },
            },
            x2: { field: 'end' },
            y,
            color: {
              field: 'depth',
              type: 'quantitative',
              legend: null,
              scale: { domain: [0, deepest], range: ['#fde3c0', '#e8743b'] },
            },
          },
        },
        {
          mark: { type: 'text', align: 'left', dx: 3, baseline: 'middle', fontSize: 10 },
          encoding: {
            x: { field: 'begin', type: 'quantitative' },
            y,
            text: { field: 'label' },
            color: { value: '#222' },
          },
        },
      ],
    },
    `Flame graph of the JavaScript side, ${total} ms an image.`,
  );
}
