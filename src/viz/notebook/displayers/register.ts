import { displayDataset } from './dataset';
import { displayDetector } from './detector';
import { DISPLAYERS, type Displayer } from './displayer';
import { displayMetrics } from './metrics';
import { displayNetworks } from './networks';
import { displayMask, displayPicture } from './picture';
import { displayRun } from './run';

/** The library's plain objects, as a cell's last value, show themselves once src/viz is imported. */
export function registerDisplayers(): void {
  const displayers: readonly Displayer[] = [
    displayPicture,
    displayMask,
    displayMetrics,
    displayRun,
    displayDetector,
    displayNetworks,
    displayDataset,
  ];
  (globalThis as { [DISPLAYERS]?: readonly Displayer[] })[DISPLAYERS] = displayers;
}
