import { TABLE_2 } from './table2';
import { baseline, joint } from './preset';
import type { Preset } from './preset';

const CATEGORY = 'bottle';

/** The weight of the reconstruction loss, and the ways auto-encoders can take part, on one category. */
export const SWEEP: readonly Preset[] = [
  joint('bottle-alpha-0', 'alpha 0', CATEGORY, { alpha: 0 }),
  joint('bottle-001', 'alpha 1e-7 (default)', CATEGORY, { alpha: 1e-7 }),
  joint('bottle-alpha-1e-6', 'alpha 1e-6', CATEGORY, { alpha: 1e-6 }),
  joint('bottle-alpha-1e-5', 'alpha 1e-5', CATEGORY, { alpha: 1e-5 }),
  joint('bottle-alpha-1e-4', 'alpha 1e-4', CATEGORY, { alpha: 1e-4, divergenceFactor: 1000 }),
  joint('bottle-train-all', 'no frozen epoch', CATEGORY, { frozenEpochs: 0 }),
  joint('bottle-raw', 'raw: auto-encoders not pre-trained', CATEGORY, { mode: 'raw' }),
  joint('bottle-frozen', 'frozen: auto-encoders never updated', CATEGORY, { mode: 'frozen' }),
];

/** What the paper invites: variants that it mentions, and its future work. */
export const ABLATIONS: readonly Preset[] = [
  joint('bottle-001', 'default', 'bottle', { alpha: 1e-7 }),
  joint(
    'bottle-standard-decoder',
    'standard U-Net decoder',
    'bottle',
    { autoEncoder: { decoderConvolutions: true } },
    { variant: 'standard-decoder' },
  ),
  joint(
    'bottle-no-top-skip',
    'no top skip',
    'bottle',
    { autoEncoder: { skips: 'not-top' } },
    { variant: 'no-top-skip' },
  ),
  joint('bottle-unit-reconstruction', 'normalised reconstruction loss, alpha 0.1', 'bottle', {
    reconstruction: 'unit',
    alpha: 0.1,
  }),
  joint('bottle-stop-gradient', 'stop-gradient at F_s in L_rec', 'bottle', { stopGradient: true }),
  joint('bottle-clip-all', 'clipping by the frozen gradients too', 'bottle', { clipOver: 'all' }),
  joint('bottle-dynamic-alpha', 'dynamic alpha: L_rec a tenth of L_sim', 'bottle', {
    dynamicAlpha: 0.1,
  }),
  joint(
    'bottle-crop',
    'mirrored margin of 8, cropped',
    'bottle',
    { autoEncoder: { crop: 8 } },
    { variant: 'crop' },
  ),
];

const TEACHERS = [
  ['imagenet', 'ImageNet teacher'],
  ['embedded', 'embedded teacher'],
  ['random', 'random teacher'],
] as const;

const rows = (category: string, images?: 'synthetic'): Preset[] =>
  TEACHERS.map(([teacher, name]) => ({
    ...baseline(category),
    name: ['teacher', teacher, ...(images ? [images] : []), category].join('-'),
    title: `${images ? `${images} ` : ''}${category}: ${name}`,
    teacher,
    ...(images && { images }),
  }));

/** What the teacher is worth: STFPM with each of three, on real and on synthetic images. */
export const TEACHER_COMPARISON: readonly Preset[] = [
  ...rows('bottle'),
  ...rows('bottle', 'synthetic'),
  ...rows('leather', 'synthetic'),
];

/** Where methods are compared: the category, and on the project's own images the teacher that comes with it. */
const BENCHES: readonly Pick<Preset, 'category' | 'images' | 'teacher'>[] = [
  { category: 'bottle', teacher: 'imagenet' },
  { category: 'bottle', images: 'synthetic', teacher: 'embedded' },
  { category: 'leather', images: 'synthetic', teacher: 'embedded' },
];

/** A method that is compared. */
interface Compared {
  short: string;
  title: string;
  experiment: Preset['experiment'];
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

/** The paper's related work and its successors, on the same images with the same metrics. */
export const METHOD_COMPARISON: readonly Preset[] = BENCHES.flatMap((bench) => {
  const images = [...(bench.images ? [bench.images] : []), bench.category];
  const presets = new Map<string, Preset>();
  for (const { short, title, experiment, student } of COMPARED) {
    presets.set(short, {
      ...bench,
      name: ['method', short, ...images].join('-'),
      title: `${images.join(' ')}: ${title}`,
      experiment: student
        ? ({ ...experiment, student: presets.get(student) } as Preset['experiment'])
        : experiment,
    });
  }
  return [...presets.values()];
});

/** The tables that can be reproduced, by name. */
export const EXPERIMENTS: Readonly<
  Record<'table2' | 'sweep' | 'ablations' | 'teachers' | 'methods', readonly Preset[]>
> = {
  table2: TABLE_2,
  sweep: SWEEP,
  ablations: ABLATIONS,
  teachers: TEACHER_COMPARISON,
  methods: METHOD_COMPARISON,
};
