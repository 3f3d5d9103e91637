import { SERIES_COLOURS } from '../charts/theme';
import type { Figure } from '../figure/figure';
import { drawDiagram, freeText, type DiagramBox, type DiagramLine, type Point } from './diagram';

/** One step of an auto-encoder's forward pass; `autoEncoderSteps` of the library gives them. */
export interface DrawnStep {
  kind: string;
  /** Of what comes out of it, for one image. */
  shape: readonly [height: number, width: number, channels: number];
}

export interface AutoEncoderDiagramOptions {
  /** For example "Auto-encoder of level 1". */
  title: string;
  /** Pixels of the PNG per CSS pixel. Default 2. */
  pixelRatio?: number;
}

const OPERATIONS: Record<string, { colour: string; label: string }> = {
  convolution: { colour: SERIES_COLOURS[0], label: 'convolutions + ReLU' },
  pooling: { colour: SERIES_COLOURS[1], label: 'max-pooling 2 × 2' },
  'transposed convolution': { colour: SERIES_COLOURS[2], label: 'transposed convolution 2 × 2' },
  concatenation: { colour: '#666666', label: 'concatenation' },
  crop: { colour: SERIES_COLOURS[3], label: 'margin cropped off' },
};
/** Where a line leaves and enters the bars, so that it crosses no label. */
const SIDES: Record<string, [from: string, to: string]> = {
  pooling: ['e', 'n'],
  'transposed convolution': ['n', 'w'],
};
const FILL = '#fdeedd';
const SKIP_FILL = '#dfe9f3';
const GAP = 52;
const ROW = 118;
const ROW_SHRINKS = 22;
const TOP = 40;
const LEFT = 24;
/** Height of the finest features in CSS pixels; coarser ones are lower in proportion. */
const FULL_HEIGHT = 88;
/** The least width of an entry of the legend, which has more rows where the bars take less room. */
const LEGEND_ENTRY = 220;
const LEGEND_ROW = 20;

interface Bar {
  step: DrawnStep;
  at: Point;
  width: number;
  height: number;
}

/**
 * An auto-encoder step by step (paper, Fig. 2): a bar for what comes out of each step, as high as its resolution and as
 * wide as it has channels, resolutions one below the other. In a concatenation the blue part came along the skip.
 *
 * @throws RangeError if there are no steps
 */
export function autoEncoderDiagram(
  steps: readonly DrawnStep[],
  { title, pixelRatio }: AutoEncoderDiagramOptions,
): Promise<Figure> {
  if (steps.length === 0) throw new RangeError('autoEncoderDiagram: expected steps, found none');
  const finest = Math.max(...steps.map(({ shape }) => shape[0]));
  const deepest = Math.max(...steps.map(({ shape }) => shape[2]));
  const bars = placeBars(steps, finest, deepest);
  const boxes: DiagramBox[] = [];
  const lines: DiagramLine[] = [];
  /** Features that wait at their resolution for the concatenation, the finest first. */
  const waiting: number[] = [];

  bars.forEach((bar, i) => {
    const { step, at, width, height } = bar;
    const [rows, columns, channels] = step.shape;
    if (bars[i + 1]?.step.kind === 'pooling') waiting.push(i);
    const up = step.kind === 'concatenation' ? bars[i - 1].step.shape[2] / channels : 1;
    const skipWidth = width * (1 - up);
    boxes.push({ id: `bar ${i}`, at, size: [width, height], label: '', fill: FILL });
    if (skipWidth > 0) {
      boxes.push({
        id: `skip ${i}`,
        at: [at[0] + (width - skipWidth) / 2, at[1]],
        size: [skipWidth, height],
        label: '',
        fill: SKIP_FILL,
      });
    }
    const label = `${rows} × ${columns} × ${channels}`;
    const below: Point = [at[0], at[1] + height / 2 + 10];
    // White behind it, where a line comes near.
    boxes.push(freeText(label, below, { textSize: 9, size: [68, 12], fill: '#ffffff' }));
    if (i > 0) {
      const { colour } = OPERATIONS[step.kind] ?? OPERATIONS.concatenation;
      const [from, to] = SIDES[step.kind] ?? ['e', 'w'];
      lines.push({ through: [`bar ${i - 1}:${from}`, `bar ${i}:${to}`], colour });
    }
    if (step.kind === 'concatenation') {
      const source = waiting.pop();
      if (source !== undefined) lines.push(skipLine(bars[source], bar));
    }
  });

  const right = Math.max(...bars.map(({ at, width }) => at[0] + width / 2)) + LEFT;
  const bottom = Math.max(...bars.map(({ at, height }) => at[1] + height / 2)) + 44;
  boxes.push(freeText(title, [right / 2, 14], { textSize: 13, size: [right - LEFT, 20] }));
  const used = Object.entries(OPERATIONS).filter(([kind]) => steps.some((s) => s.kind === kind));
  const legendWidth = right - 2 * LEFT;
  const columns = Math.max(1, Math.min(used.length, Math.floor(legendWidth / LEGEND_ENTRY)));
  used.forEach(([kind, { colour, label }], i) => {
    const x = LEFT + (i % columns) * (legendWidth / columns);
    const y = bottom + LEGEND_ROW * Math.floor(i / columns);
    const isSkip = kind === 'concatenation';
    lines.push({
      through: [
        [x, y],
        [x + 30, y],
      ],
      colour,
      isDashed: isSkip,
    });
    boxes.push(
      freeText(label, [x + 36 + 90, y], { textSize: 9.5, size: [180, 16], align: 'left' }),
    );
  });
  const last = steps[steps.length - 1].shape;
  return drawDiagram(
    { boxes, lines },
    `${title}: from ${steps[0].shape.join(' × ')} down to ` +
      `${Math.min(...steps.map(({ shape }) => shape[0]))} positions a side and back to ` +
      `${last.join(' × ')}; in ${steps.length} steps: ` +
      `${steps.map(({ kind, shape }) => `${kind} ${shape.join(' × ')}`).join(', ')}.`,
    pixelRatio,
  );
}

/** Bars from left to right; a resolution keeps its row, contracting and expanding alike. */
function placeBars(steps: readonly DrawnStep[], finest: number, deepest: number): Bar[] {
  let x = LEFT;
  return steps.map((step) => {
    const [side, , channels] = step.shape;
    const width = 8 + (56 * channels) / deepest;
    const height = Math.max(10, (FULL_HEIGHT * side) / finest);
    const row = Math.round(Math.log2(finest / side));
    // Each row is nearer to the one above than that is to its own: its bars are lower.
    const down = ROW * row - (ROW_SHRINKS * row * (row - 1)) / 2;
    const at: Point = [x + width / 2, TOP + FULL_HEIGHT / 2 + down];
    x += width + GAP;
    return { step, at, width, height };
  });
}

/** Behind the bars between, below the middle, where no other line runs. */
function skipLine(from: Bar, to: Bar): DiagramLine {
  const level = from.at[1];
  return {
    through: [
      [from.at[0] + from.width / 2, level + from.height / 4],
      [to.at[0] - to.width / 2, level + from.height / 4],
    ],
    colour: OPERATIONS.concatenation.colour,
    isDashed: true,
  };
}
