import * as fs from 'fs';
import * as path from 'path';
import { PROJECT_ROOT } from './project';

/** Where the lab's own images are kept once they are rendered. */
export const SYNTHETIC_ROOT = path.join(PROJECT_ROOT, '.cache', 'synthetic');

/** Whether a data set's folder is the one that the lab renders for itself when none is named. */
export function isOwnSynthetic(root: string): boolean {
  const inside = path.relative(SYNTHETIC_ROOT, root);
  return !inside.startsWith('..') && !path.isAbsolute(inside);
}

/** Whether a data set was rendered by the lab, for itself or by `stfpm synth`. */
export function isSynthetic(root: string): boolean {
  return isOwnSynthetic(root) || fs.existsSync(path.join(root, 'synthetic.json'));
}
