import { HARD_SETS, METHOD_COMPARISON, PRECISIONS } from './method-studies';
import { baseline, joint } from './preset';
import type { Preset } from './preset';
import { TABLE_2 } from './table2';

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

/** The tables that can be reproduced, by name. */
export const EXPERIMENTS: Readonly<
  Record<
    'table2' | 'sweep' | 'ablations' | 'teachers' | 'methods' | 'hard' | 'precision',
    readonly Preset[]
  >
> = {
  table2: TABLE_2,
  sweep: SWEEP,
  ablations: ABLATIONS,
  teachers: TEACHER_COMPARISON,
  methods: METHOD_COMPARISON,
  hard: HARD_SETS,
  precision: PRECISIONS,
};
