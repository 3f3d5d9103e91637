import { autoEncoderSteps } from '../../lib/models/auto-encoder';
import { sizeOf } from '../../lib/models/side-or-size';
import { LEVEL_CHANNELS, LEVEL_NAMES, LEVEL_STRIDES } from '../../lib/models/resnet18';
import { jointConfig } from '../../lib/training/config';
import { autoEncoderDiagram } from '../../viz/diagram/auto-encoder-diagram';
import { methodDiagram } from '../../viz/diagram/method-diagram';
import type { Figure } from '../../viz/figure/figure';

/** Some 400 dpi where a figure is as wide as a page. */
export const PRINT_PIXEL_RATIO = 3;

/** Figure 1, the whole method, and Figure 2, the auto-encoder of level 1. */
export async function diagramFigure(number: 1 | 2): Promise<Figure> {
  const config = jointConfig({ category: 'bottle' });
  const { width: imageSize } = sizeOf(config.imageSize);
  const side = (level: number): number => imageSize / LEVEL_STRIDES[level];
  if (number === 1) {
    return methodDiagram({
      imageSize,
      levels: LEVEL_NAMES.map((name, level) => ({
        name,
        shape: [side(level), side(level), LEVEL_CHANNELS[level]],
      })),
      pixelRatio: PRINT_PIXEL_RATIO,
    });
  }
  const steps = autoEncoderSteps(config.autoEncoder, LEVEL_CHANNELS[0], side(0));
  const parameters = steps.reduce((sum, step) => sum + step.parameters, 0);
  return autoEncoderDiagram(steps, {
    title: `Auto-encoder of level 1 (${parameters.toLocaleString('en')} parameters)`,
    pixelRatio: PRINT_PIXEL_RATIO,
  });
}
