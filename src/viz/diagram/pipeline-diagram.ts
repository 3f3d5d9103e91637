import type { Figure } from '../figure/figure';
import { textWidth } from '../text/text-width';
import { drawDiagram, freeText, TEXT_SIZE, type DiagramBox, type DiagramLine } from './diagram';
import { FROZEN, PLAIN, TRAINED } from './fills';

/** A box of the diagram; a line break starts a new line. */
export interface PipelineStep {
  label: string;
  /** `frozen`: a network that is taken as it is. `learnt`: what learning makes. Default: neither. */
  kind?: 'frozen' | 'learnt';
}

export interface PipelineDiagramOptions {
  /** What the method is called. */
  name: string;
  /** From good images to what is kept, which is the last step. */
  learning: readonly PipelineStep[];
  /** From an image to its verdict. The step below what is kept uses it. */
  judging: readonly PipelineStep[];
  /** Pixels of the PNG per CSS pixel. Default 2. */
  pixelRatio?: number;
}

const HEIGHT = 44;
const LEAST_WIDTH = 96;
/** Between a text and its box's border, and from box to box. */
const PADDING = 10;
const GAP = 30;
const ROWS = { learning: 30, judging: 122 };
const LABEL_WIDTH = 70;
const FILLS = { frozen: FROZEN, learnt: TRAINED };

/**
 * A method in two rows: above how it learns from good images, ending with what is kept; below how an image is judged.
 * What is kept reaches down to the step that uses it.
 *
 * @throws RangeError if there is no step below what is kept
 */
export function pipelineDiagram({
  name,
  learning,
  judging,
  pixelRatio,
}: PipelineDiagramOptions): Promise<Figure> {
  const kept = learning.length - 1;
  if (kept < 0 || judging.length <= kept) {
    throw new RangeError(
      `pipelineDiagram: expected a step of judging below the last of ${learning.length} of learning, ` +
        `found ${judging.length} steps`,
    );
  }
  const rows = { learning, judging };
  const texts = [...learning, ...judging].flatMap(({ label }) => label.split('\n'));
  const width = Math.max(
    LEAST_WIDTH,
    ...texts.map((line) => Math.ceil(textWidth(line, TEXT_SIZE)) + 2 * PADDING),
  );
  const boxes: DiagramBox[] = [];
  const lines: DiagramLine[] = [];
  for (const row of ['learning', 'judging'] as const) {
    boxes.push(
      freeText(row, [LABEL_WIDTH / 2, ROWS[row]], {
        size: [LABEL_WIDTH, 16],
        textColour: '#666666',
      }),
    );
    rows[row].forEach(({ label, kind }, i) => {
      boxes.push({
        id: `${row} ${i}`,
        at: [LABEL_WIDTH + 14 + width / 2 + (width + GAP) * i, ROWS[row]],
        size: [width, HEIGHT],
        label,
        fill: kind ? FILLS[kind] : PLAIN,
        isRounded: kind !== undefined,
      });
      if (i > 0) lines.push({ through: [`${row} ${i - 1}`, `${row} ${i}`] });
    });
  }
  lines.push({ through: [`learning ${kept}`, `judging ${kept}`], isDashed: true });
  const inWords = (steps: readonly PipelineStep[]) =>
    steps.map(({ label }) => label.replace(/\s*\n\s*/g, ' ')).join(', ');
  return drawDiagram(
    { boxes, lines },
    `${name}. Learning: ${inWords(learning)}. Judging: ${inWords(judging)}.`,
    pixelRatio,
  );
}
