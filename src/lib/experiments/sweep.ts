import { joint } from './preset';
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
