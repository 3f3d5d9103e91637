import { hasMaps } from '../../lib/evaluation/evaluate-detector';
import { isDefective } from '../../lib/anomaly-map/threshold';
import type { OperatingThreshold } from '../../lib/anomaly-map/threshold';
import type { RgbImage } from '../../lib/data/image';
import type { Mask } from '../../lib/data/mask';
import { heatMap } from '../image/heat-map';
import { outlinePath } from '../image/outline';
import type { Figure } from './figure';
import { comparedImages, type EvaluatedModel } from './model-comparison';
import { panelGrid, type Panel } from './panel-grid';

/** A method with what it says of the test images. */
export interface JudgingMethod extends EvaluatedModel {
  /** For the verdicts below the maps; without it there are none. */
  threshold?: OperatingThreshold | null;
}

export interface MethodGridOptions {
  title?: string;
  /** Width of a panel in CSS pixels. Default 116. */
  panelWidth?: number;
  /** Pixels of the PNG per CSS pixel. Default 2. */
  pixelRatio?: number;
}

const COLORMAP = 'inferno' as const;

/**
 * The same test images as every method sees them: a row an image; columns image, ground truth, and the map of each method
 * that has one, with its verdict below. Each method's colours are those of its own good test images (`scaleOfGoodImages`),
 * so that maps in different units can be compared by eye.
 *
 * @param indices of the test images
 * @throws RangeError if no method has maps, or they were evaluated on different images
 */
export async function methodGrid(
  methods: readonly JudgingMethod[],
  indices: readonly number[],
  { title, panelWidth = 116, pixelRatio }: MethodGridOptions = {},
): Promise<Figure> {
  const withMaps = methods.filter(({ evaluation }) => hasMaps(evaluation.detections));
  if (withMaps.length === 0) throw new RangeError('methodGrid: expected a method with maps');
  const names = withMaps.map(({ name }) => name);
  const images = comparedImages(withMaps, indices);
  const rows = images.map(({ image, mask, label, models }, row) => {
    const outline = mask ? outlinePath(mask) : undefined;
    const index = indices[row];
    const maps = models.map(({ product, scale }, m): Panel => ({
      image: heatMap(product, image, { colormap: COLORMAP, range: scale?.product }),
      outline,
      caption: verdict(withMaps[m], index),
    }));
    // The image's name has more room below it than upright beside it.
    return { panels: [{ image, caption: label }, { image: truthImage(mask, image) }, ...maps] };
  });
  return panelGrid([{ rows }], {
    title,
    columnTitles: ['image', 'ground truth', ...names],
    panelWidth,
    pixelRatio,
    colourBar: { colormap: COLORMAP, lo: 'usual', hi: '99.9th percentile of good images' },
    alt:
      `${title ? `${title}. ` : ''}Anomaly maps of ${names.join(', ')} on ` +
      `${images.map(({ label }) => label).join(', ')}; each method on the scale of its good images.`,
  });
}

/** White where the defect is. */
function truthImage(mask: Mask | null | undefined, { width, height }: RgbImage): RgbImage {
  const data = new Uint8Array(3 * width * height);
  mask?.data.forEach((defect, i) => {
    if (defect) data.fill(255, 3 * i, 3 * i + 3);
  });
  return { width, height, data };
}

function verdict({ evaluation, threshold }: JudgingMethod, index: number): string | undefined {
  if (!threshold) return undefined;
  const called = isDefective(evaluation.detections[index].score, threshold.value);
  if (evaluation.samples[index].label === 0) return called ? 'false alarm' : 'passed';
  return called ? 'found' : 'missed';
}
