import * as path from 'path';
import { MVTEC_SIZES } from '../lib/data/mvtec-sizes';
import type { Dataset } from '../lib/data/sample';
import { isSynthetic } from './is-synthetic';

/** Whether a category has all the images that it has in MVTec AD; null for a category of another name. */
export function isWholeMvtecCategory({ category, train, test }: Dataset): boolean | null {
  const size = Object.hasOwn(MVTEC_SIZES, category) ? MVTEC_SIZES[category] : null;
  return size && train.length === size.train && test.length === size.test;
}

/** What a data set is called in reports, without its path. */
export function datasetName(dataset: Dataset): string {
  if (isSynthetic(dataset.root)) return 'synthetic';
  const whole = isWholeMvtecCategory(dataset);
  return whole === null ? path.basename(dataset.root) : whole ? 'MVTec AD' : 'part of MVTec AD';
}
