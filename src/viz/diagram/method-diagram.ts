import { SERIES_COLOURS } from '../charts/theme';
import type { Figure } from '../figure/figure';
import { drawDiagram, freeText, type DiagramBox, type DiagramLine, type Point } from './diagram';
import { FROZEN, PLAIN, TRAINED } from './fills';

/** One level of the pyramid. */
export interface PyramidLevel {
  /** For example conv2_x. */
  name: string;
  /** Of the features of one image. */
  shape: readonly [height: number, width: number, channels: number];
}

export interface MethodDiagramOptions {
  /** Side of the square input image in pixels. */
  imageSize: number;
  /** The levels from the finest to the coarsest. */
  levels: readonly PyramidLevel[];
  /** Whether auto-encoders stand behind the student; without them it is STFPM. Default true. */
  hasAutoEncoders?: boolean;
  /** Pixels of the PNG per CSS pixel. Default 2. */
  pixelRatio?: number;
}

const SUPERSCRIPTS = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
const LEVEL_SIZE = [104, 38] as const;
const FIRST_LEVEL = 290;
const STEP = 158;
const SYMBOL = { size: [26, 16] } as const;
const NOTE = { size: [340, 18], textSize: 10, textColour: '#444444' } as const;
/** Between the paths of the levels' maps. */
const LANE_STEP = 38;

/**
 * The whole method (paper, Fig. 1): teacher above, student and its auto-encoders below, compared
 * level by level; on the right the path of the anomaly map. Each level has a colour of its own.
 */
export function methodDiagram({
  imageSize,
  levels,
  hasAutoEncoders = true,
  pixelRatio,
}: MethodDiagramOptions): Promise<Figure> {
  const lastX = FIRST_LEVEL + STEP * (levels.length - 1);
  const rows = hasAutoEncoders
    ? { teacher: 46, distance: 196, autoEncoder: 276, student: 362 }
    : { teacher: 46, distance: 196, autoEncoder: 0, student: 276 };
  const middle = (rows.teacher + rows.student) / 2;
  const boxes: DiagramBox[] = [
    {
      id: 'image',
      at: [54, middle],
      size: [92, 46],
      label: `image J\n${imageSize} × ${imageSize} × 3`,
      fill: PLAIN,
    },
    ...(['teacher', 'student'] as const).map((network): DiagramBox => ({
      id: `${network} stem`,
      at: [176, rows[network]],
      size: [92, 38],
      label: network === 'teacher' ? 'teacher\nfrozen' : 'student\ntrained',
      fill: network === 'teacher' ? FROZEN : TRAINED,
      isRounded: true,
    })),
  ];
  const lines: DiagramLine[] = (['teacher', 'student'] as const).map((network) => ({
    through: ['image', [54, rows[network]] as Point, `${network} stem`],
  }));
  const upsampleX = lastX + 178;
  const productX = upsampleX + 104;
  const lane = (level: number): number => rows.distance - LANE_STEP * (levels.length - 1 - level);

  levels.forEach(({ name, shape }, i) => {
    const x = FIRST_LEVEL + STEP * i;
    const colour = SERIES_COLOURS[i % SERIES_COLOURS.length];
    const l = SUPERSCRIPTS[i + 1];
    const label = `${name}\n${shape.join(' × ')}`;
    for (const network of ['teacher', 'student'] as const) {
      boxes.push({
        id: `${network} ${i}`,
        at: [x, rows[network]],
        size: LEVEL_SIZE,
        label,
        fill: network === 'teacher' ? FROZEN : TRAINED,
        border: colour,
      });
      lines.push({
        through: [i === 0 ? `${network} stem` : `${network} ${i - 1}`, `${network} ${i}`],
      });
    }
    const reconstruction = hasAutoEncoders ? `R${l}` : `Fₛ${l}`;
    boxes.push({
      id: `distance ${i}`,
      at: [x, rows.distance],
      size: [118, 30],
      label: `½‖φ(Fₜ${l}) − φ(${reconstruction})‖²`,
      border: colour,
      isRounded: true,
      textSize: 10,
    });
    lines.push({ through: [`teacher ${i}`, `distance ${i}`], colour });
    boxes.push(
      freeText(`Fₜ${l}`, [x - 14, (rows.teacher + 19 + lane(0)) / 2 - 4], {
        ...SYMBOL,
        textColour: colour,
      }),
    );
    if (hasAutoEncoders) {
      boxes.push({
        id: `auto-encoder ${i}`,
        at: [x, rows.autoEncoder],
        size: [86, 34],
        label: `A${l}\nauto-encoder`,
        fill: TRAINED,
        border: colour,
        isRounded: true,
        textSize: 10,
      });
      lines.push({ through: [`student ${i}`, `auto-encoder ${i}`], colour });
      lines.push({ through: [`auto-encoder ${i}`, `distance ${i}`], colour });
      const [before, after] = [rows.autoEncoder + 30, rows.autoEncoder - 30];
      boxes.push(freeText(`Fₛ${l}`, [x - 14, before + 4], { ...SYMBOL, textColour: colour }));
      boxes.push(freeText(`R${l}`, [x - 14, after - 4], { ...SYMBOL, textColour: colour }));
      // L_rec looks past the auto-encoder, from what goes in to what comes out.
      lines.push({
        through: [
          [x, before],
          [x + 56, before],
          [x + 56, after],
          [x, after],
        ],
        colour: '#888888',
        isDashed: true,
        hasArrow: false,
      });
    } else {
      lines.push({ through: [`student ${i}`, `distance ${i}`], colour });
      boxes.push(
        freeText(`Fₛ${l}`, [x - 14, rows.student - 34], { ...SYMBOL, textColour: colour }),
      );
    }
    boxes.push({
      id: `upsample ${i}`,
      at: [upsampleX, lane(i)],
      size: [96, 26],
      label: `Ω${l} upsampled`,
      border: colour,
      textSize: 10,
    });
    const turn = x + STEP / 2;
    const isLast = i === levels.length - 1;
    lines.push({
      through: isLast
        ? [`distance ${i}`, `upsample ${i}`]
        : [`distance ${i}`, [turn, rows.distance], [turn, lane(i)], `upsample ${i}`],
      colour,
    });
    lines.push({ through: [`upsample ${i}`, 'product'], colour });
  });

  const laneMiddle = (lane(0) + lane(levels.length - 1)) / 2;
  boxes.push(
    {
      id: 'product',
      at: [productX, laneMiddle],
      size: [36, 36],
      label: '∏',
      shape: 'ellipse',
      textSize: 16,
    },
    {
      id: 'map',
      at: [productX + 98, laneMiddle],
      size: [104, 46],
      label: `anomaly map Ω\n${imageSize} × ${imageSize}`,
      fill: PLAIN,
    },
    {
      id: 'score',
      at: [productX + 98, laneMiddle + 76],
      size: [104, 30],
      label: 'score: max Ω',
      fill: PLAIN,
    },
    freeText(
      hasAutoEncoders
        ? 'Training: Lₜₒₜ = Σ ‖φ(R) − φ(Fₜ)‖²\u00a0 +\u00a0 α Σ ‖R − Fₛ‖² (dashed)'
        : 'Training: L = Σ ‖φ(Fₛ) − φ(Fₜ)‖²',
      [upsampleX + 60, rows.student - 8],
      NOTE,
    ),
    freeText(
      'Test: one forward pass, Ω = ∏ upsampled Ω',
      [upsampleX + 60, rows.student + 12],
      NOTE,
    ),
  );
  lines.push({ through: ['product', 'map'] }, { through: ['map', 'score'] });
  return drawDiagram(
    { boxes, lines },
    `The method: a frozen teacher and a trained student turn an image of ${imageSize} × ` +
      `${imageSize} into features at ${levels.length} levels (` +
      `${levels.map(({ shape }) => shape.join(' × ')).join(', ')}); ` +
      (hasAutoEncoders ? "auto-encoders reconstruct the student's; " : '') +
      'at each level they are compared, and the upsampled distances are multiplied into the anomaly map.',
    pixelRatio,
  );
}
