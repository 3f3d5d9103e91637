import type { Displayable } from '../../display/mime-bundle';
import { displayDataset } from './dataset';
import { displayDetector } from './detector';
import type { Displayer } from './facts';
import { displayMetrics } from './metrics';
import { displayNetworks } from './networks';
import { displayMask, displayPicture } from './picture';
import { displayRun } from './run';

/** How the library's plain objects show themselves as a cell's last value; the kernel asks here. */
const displayers: readonly Displayer[] = [
  displayPicture,
  displayMask,
  displayMetrics,
  displayRun,
  displayDetector,
  displayNetworks,
  displayDataset,
];

/** What shows a plain object of the library in a notebook; null for anything else. */
export function displayerOf(value: unknown): Displayable | null {
  if (typeof value !== 'object' || value === null) return null;
  for (const displayer of displayers) {
    const shown = displayer(value);
    if (shown !== null) return shown;
  }
  return null;
}
