import { OWN_IMAGES_SETTINGS } from '../training/config';
import type { Preset } from './preset';

type Bench = Pick<Preset, 'category' | 'images' | 'teacher'>;

/** Where methods are compared: the category, and on the project's own images the teacher that comes with it. */
const BENCHES: readonly Bench[] = [
  { category: 'bottle', teacher: 'imagenet' },
  { category: 'bottle', images: 'synthetic', teacher: 'embedded' },
  { category: 'leather', images: 'synthetic', teacher: 'embedded' },
];

/** A method that is compared. */
interface Compared {
  short: string;
  title: string;
  experiment: Preset['experiment'];
  /** Of training, where the study is about their number. */
  steps?: number;
  /** The row of fewer steps of the same training, by its short name. */
  goesOnFrom?: string;
  /** The row whose student is taken over, by its short name. */
  student?: string;
}

/** The methods that are compared, each with the same fifth of the good images held out. */
const COMPARED: readonly Compared[] = [
  {
    short: 'stfpm',
    title: 'STFPM',
    experiment: { recipe: 'baseline', settings: { protocol: 'B' } },
  },
  {
    short: 'stfpm-average',
    title: 'STFPM, average of weights',
    experiment: { recipe: 'baseline', settings: { protocol: 'B', weightAverage: 0.99 } },
  },
  {
    short: 'stfpm-cosine',
    title: 'STFPM, cosine decay',
    experiment: { recipe: 'baseline', settings: { protocol: 'B', learningRateDecay: 'cosine' } },
  },
  {
    short: 'joint',
    title: 'STFPM + AE',
    experiment: { recipe: 'joint', settings: { protocol: 'B' } },
  },
  other('patchcore', 'PatchCore', 'patchcore'),
  other('patchcore-level2', 'PatchCore, level 2 alone', 'patchcore', { levels: [2] }),
  {
    ...other('levels', 'mean of the levels', 'levels-and-memory', { memory: false }),
    student: 'stfpm',
  },
  { ...other('levels-and-memory', 'levels + memory', 'levels-and-memory'), student: 'stfpm' },
  { ...other('fusion', 'learned fusion', 'fusion'), student: 'stfpm' },
  {
    ...other('fusion-levels', 'learned fusion of the levels alone', 'fusion', { memory: false }),
    student: 'stfpm',
  },
  {
    ...other('fusion-joint', 'learned fusion, STFPM + AE', 'fusion', { memory: false }),
    student: 'joint',
  },
  ...[1, 2, 4, 8].map(fewShot),
  other('feature-dictionary', 'CNN feature dictionary', 'feature-dictionary'),
  other('one-class', 'embeddings, Gaussian', 'one-class'),
  other('one-class-svm', 'embeddings, support vector machine', 'one-class', {
    classifier: 'svm',
  }),
  other('one-class-forest', 'embeddings, isolation forest', 'one-class', {
    classifier: 'isolation-forest',
  }),
  other('one-class-lof', 'embeddings, local outlier factor', 'one-class', {
    classifier: 'lof',
  }),
  other('vae', 'VAE', 'vae'),
  other('adgan', 'ADGAN', 'adgan'),
];

/** A method of which no variant of this project's own exists. */
function other(
  short: string,
  title: string,
  recipe: Extract<Preset['experiment'], { student?: Preset }>['recipe'],
  settings: Readonly<Record<string, unknown>> = {},
): Compared {
  return { short, title, experiment: { recipe, settings } };
}

/**
 * PatchCore from a few good images. Nothing is held out of them, so there is no threshold; and they have few enough
 * patches that the memory keeps as many as it keeps of a whole set, in place of a tenth.
 */
function fewShot(trainImages: number): Compared {
  const images = trainImages === 1 ? '1 good image' : `${trainImages} good images`;
  return other(`patchcore-${trainImages}-shot`, `PatchCore, ${images}`, 'patchcore', {
    trainImages,
    validationShare: 0,
    coresetShare: 1,
  });
}

/** The rows of some methods on each bench. */
function rowsOf(study: string, benches: readonly Bench[], compared: readonly Compared[]): Preset[] {
  return benches.flatMap((bench) => {
    const images = [...(bench.images ? [bench.images] : []), bench.category];
    const presets = new Map<string, Preset>();
    for (const { short, title, experiment, steps, goesOnFrom, student } of compared) {
      presets.set(short, {
        ...bench,
        name: [study, short, ...images].join('-'),
        title: `${images.join(' ')}: ${title}`,
        ...(steps !== undefined && { steps }),
        ...(goesOnFrom !== undefined && { goesOnFrom: presets.get(goesOnFrom) }),
        ...(student && { note: `takes over the student of "${presets.get(student)!.title}"` }),
        experiment: student
          ? ({ ...experiment, student: presets.get(student) } as Preset['experiment'])
          : experiment,
      });
    }
    return [...presets.values()];
  });
}

/** The paper's related work and its successors, on the same images with the same metrics. */
export const METHOD_COMPARISON: readonly Preset[] = rowsOf('method', BENCHES, COMPARED);

/**
 * Beside bottle and leather: a part in free rotation and position (gear), and natural variety of colour and shape
 * (almond). At 128 x 128, so that the longest training is minutes.
 */
const HARD_BENCHES: readonly Bench[] = ['gear', 'almond', 'bottle', 'leather'].map((category) => ({
  category,
  images: 'synthetic',
  teacher: 'embedded',
}));

const imageSize = 128;

/** STFPM of so many steps; `settings` besides protocol B. */
function stfpmOf(
  steps: number,
  title = `STFPM, ${steps} steps`,
  settings: Partial<typeof OWN_IMAGES_SETTINGS> = {},
): Compared {
  return {
    short: `stfpm-${'weightAverage' in settings ? 'average-' : ''}${steps}`,
    title,
    steps,
    experiment: { recipe: 'baseline', settings: { protocol: 'B', imageSize, ...settings } },
  };
}

const { weightAverage, patience } = OWN_IMAGES_SETTINGS;

/** Which default holds on images of any kind: STFPM by the number of its steps, the memory, and what combines them. */
export const HARD_SETS: readonly Preset[] = rowsOf('hard', HARD_BENCHES, [
  stfpmOf(250),
  { ...stfpmOf(1000), goesOnFrom: 'stfpm-250' },
  { ...stfpmOf(3000), goesOnFrom: 'stfpm-1000' },
  stfpmOf(1000, 'STFPM, default for own images', { weightAverage, patience }),
  {
    ...stfpmOf(3000, 'STFPM, average of weights, 3000 steps', { weightAverage }),
    goesOnFrom: 'stfpm-average-1000',
  },
  other('patchcore', 'PatchCore', 'patchcore', { imageSize }),
  ...[
    other('levels', 'mean of the levels', 'levels-and-memory', { imageSize, memory: false }),
    other('levels-and-memory', 'levels + memory', 'levels-and-memory', { imageSize }),
    other('fusion', 'learned fusion', 'fusion', { imageSize }),
  ].map((row) => ({ ...row, student: 'stfpm-average-1000' })),
]);

/** Recipes in both precisions, short: what counts is how far those come apart. */
const IN_BOTH = (['float32', 'bfloat16'] as const).map((precision): [Compared, Compared] => {
  const settings = { imageSize, batchSize: 16, precision };
  return [
    {
      short: `stfpm-${precision}`,
      title: `STFPM, ${precision}`,
      steps: 100,
      experiment: { recipe: 'baseline', settings },
    },
    {
      short: `joint-${precision}`,
      title: `STFPM + AE, ${precision}`,
      steps: 100,
      experiment: {
        recipe: 'joint',
        settings: { ...settings, frozenEpochs: 1 },
        variant: `${imageSize}-${precision}`,
      },
    },
  ];
});

/** Whether networks that learn in bfloat16 come to what those in float32 come to. */
export const PRECISIONS: readonly Preset[] = rowsOf(
  'precision',
  BENCHES.filter(({ category, images }) => images === 'synthetic' && category === 'bottle'),
  [0, 1].flatMap((recipe) => IN_BOTH.map((rows) => rows[recipe])),
);
