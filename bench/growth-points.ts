/** One point of the growth chart: a kind of work at one size, all else at its usual value. */
export interface GrowthPoint {
  series: string;
  workload: 'training' | 'inference';
  /** What varies. */
  axis: 'side of the images' | 'batch' | 'images in the data set';
  /** Side of the images, pixels. */
  size: number;
  batch: number;
  /** Images in the data set. */
  images: number;
  /** Bytes of memory for the teacher's features. Default the library's. */
  featureMemory?: number;
}

/** The values of each axis, and what the others have meanwhile. */
interface Sizes {
  sides: number[];
  batches: number[];
  dataSets: number[];
  /** Bytes; less than the largest data set's features need. */
  smallBudget: number;
  usual: { size: number; batch: number; images: number };
}

const FULL: Sizes = {
  sides: [128, 256, 512],
  batches: [8, 16, 32],
  dataSets: [64, 256, 1024],
  smallBudget: 2 ** 28,
  usual: { size: 256, batch: 8, images: 64 },
};
const QUICK: Sizes = {
  sides: [64, 128],
  batches: [4, 8],
  dataSets: [8, 32],
  smallBudget: 2 ** 20,
  usual: { size: 64, batch: 4, images: 8 },
};

/** What an axis has for its value at a point. */
export function valueOnAxis({ axis, size, batch, images }: GrowthPoint): number {
  return { 'side of the images': size, batch, 'images in the data set': images }[axis];
}

/** What the axes that do not vary have, in words. */
export function usualSizes(quick: boolean): string {
  const { size, batch, images } = (quick ? QUICK : FULL).usual;
  return `where they do not vary, ${size} x ${size}, batch ${batch}, ${images} images`;
}

/** All points, those of one axis together. */
export function growthPoints(quick: boolean): GrowthPoint[] {
  const { sides, batches, dataSets, smallBudget, usual } = quick ? QUICK : FULL;
  const works = ['training', 'inference'] as const;
  const both = (point: Omit<GrowthPoint, 'series' | 'workload'>): GrowthPoint[] =>
    works.map((workload) => ({ series: workload, workload, ...point }));
  const budget = `training, ${smallBudget / 2 ** 20} MiB for the teacher’s features`;
  return [
    ...sides.flatMap((size) => both({ ...usual, axis: 'side of the images', size })),
    ...batches.flatMap((batch) => both({ ...usual, axis: 'batch', batch })),
    ...dataSets.flatMap((images): GrowthPoint[] => {
      const axis = 'images in the data set' as const;
      const training = { ...usual, axis, images, workload: 'training' as const };
      return [
        { ...training, series: 'training' },
        { ...training, series: budget, featureMemory: smallBudget },
      ];
    }),
  ];
}
