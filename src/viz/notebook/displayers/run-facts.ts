import type { RunConfig } from '../../../lib/training/run-config';

const METHODS = {
  baseline: 'STFPM',
  joint: 'STFPM with auto-encoders',
  'pre-training': 'pre-training of auto-encoders',
} as const;

/** What a run's configuration says of it, each fact with its name. */
export function runFacts({ config, dataset, teacher }: RunConfig): [string, string][] {
  const { recipe, category, imageSize, seed, augmentedImages } = config;
  const copies = augmentedImages > 0 ? `, ${augmentedImages} augmented copies of them` : '';
  return [
    ['method', METHODS[recipe]],
    ['category', category],
    ['image size', `${imageSize} × ${imageSize}`],
    ['train images', `${dataset.trainImages}${copies}`],
    ['teacher', teacher.name],
    ...('protocol' in config ? [['protocol', config.protocol] satisfies [string, string]] : []),
    ['seed', `${seed}`],
  ];
}

/** The same in one line: "STFPM on bottle, 256 × 256, protocol A, seed 0". */
export function runInWords(run: RunConfig): string {
  const { method, category, seed, protocol, ...rest } = Object.fromEntries(runFacts(run));
  const parts = [`${method} on ${category}`, rest['image size']];
  if (protocol !== undefined) parts.push(`protocol ${protocol}`);
  return [...parts, `seed ${seed}`].join(', ');
}
