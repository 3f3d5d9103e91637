import { baseline } from './preset';
import type { Preset } from './preset';

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
