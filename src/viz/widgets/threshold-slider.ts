import type { RgbImage } from '../../lib/data/image';
import type { Mask } from '../../lib/data/mask';
import { imageGrid } from '../figure/image-grid';
import { outlinePath } from '../image/outline';
import { pageModule, pageStyle } from './page-module';
import { countVerdicts, tinted, verdictOf, type ThresholdScale } from './threshold';
import { widget, type Widget } from './widget';

/** An image with what a detector says of it, and what is true. */
export interface JudgedImage {
  image: RgbImage;
  /** Anomaly map of the image's size, row-major `[height, width]`. */
  map: Float32Array;
  /** The image's score: above the threshold it is judged to be defective. */
  score: number;
  isDefective: boolean;
  caption: string;
  /** Ground truth, to be outlined. */
  mask?: Mask | null;
}

export interface ThresholdSliderOptions {
  /** What is counted in the table. Default: the images shown. */
  counted?: readonly { score: number; isDefective: boolean }[];
  /** To begin with. Default: the highest score of a good image that is counted, at which there is no false alarm. */
  threshold?: number;
  title?: string;
}

/** What the slider's cell and page share; the threshold can be changed on both sides. */
export type ThresholdState = {
  threshold: number;
  scale: ThresholdScale;
  title: string;
  images: {
    width: number;
    height: number;
    rgb: Uint8Array;
    /** Of the map's 32-bit floats, least byte first. */
    map: Uint8Array;
    score: number;
    isDefective: boolean;
    caption: string;
    /** SVG path of the ground truth in pixels; empty if there is none. */
    outline: string;
  }[];
  counted: { score: number; isDefective: boolean }[];
};

/** The scale goes on beyond the lowest and the highest score by this factor, so that all can be let through or none. */
const MARGIN = 1.25;

/**
 * Images under a slider for the threshold: what is above it is red in each, and verdicts and the table of counts follow.
 * `slider.state.threshold` is where it stands. Without widgets it is the picture at the threshold of its beginning.
 *
 * @throws RangeError if there is no image, or a map does not fit its image
 */
export function thresholdSlider(
  images: readonly JudgedImage[],
  { counted = images, threshold, title = '' }: ThresholdSliderOptions = {},
): Widget<ThresholdState> {
  if (images.length === 0) throw new RangeError('thresholdSlider: there is no image');
  for (const { image, map, caption } of images) {
    if (map.length === image.width * image.height) continue;
    throw new RangeError(
      `thresholdSlider: ${caption}: expected a map of ${image.width} x ${image.height} = ` +
        `${image.width * image.height} values, found ${map.length}`,
    );
  }
  const scale = scaleOf(counted.map(({ score }) => score));
  const good = counted.filter(({ isDefective }) => !isDefective).map(({ score }) => score);
  return widget<ThresholdState>({
    model: {
      threshold: threshold ?? (good.length > 0 ? Math.max(...good) : scale.lowest),
      scale,
      title,
      images: images.map(({ image, map, mask, score, isDefective, caption }) => ({
        ...{ width: image.width, height: image.height, score, isDefective, caption },
        rgb: image.data,
        map: new Uint8Array(map.buffer, map.byteOffset, map.byteLength),
        outline: mask ? outlinePath(mask) : '',
      })),
      counted: counted.map(({ score, isDefective }) => ({ score, isDefective })),
    },
    get render() {
      return pageModule('threshold-slider');
    },
    get css() {
      return pageStyle();
    },
    still: (state) => stillOf(images, state),
  });
}

function scaleOf(scores: number[]): ThresholdScale {
  const [low, high] = [Math.min(...scores), Math.max(...scores)];
  if (low > 0) return { lowest: low / MARGIN, highest: high * MARGIN };
  const room = (MARGIN - 1) * (high - low || 1);
  return { lowest: Math.min(0, low) - room, highest: high + room };
}

function stillOf(images: readonly JudgedImage[], { threshold, title, counted }: ThresholdState) {
  const counts = Object.entries(countVerdicts(counted, threshold))
    .map(([verdict, count]) => `${verdict} ${count}`)
    .join(', ');
  const shown = images.map(({ image, map, mask, score, isDefective, caption }) => ({
    image: { ...image, data: tinted(image.data, map, threshold).data },
    mask,
    caption: `${caption}: ${verdictOf(score, isDefective, threshold)}`,
  }));
  const head = `Threshold ${Number(threshold.toPrecision(3))}: ${counts}`;
  return imageGrid(shown, { title: title ? `${title}. ${head}` : head, pixelRatio: 1 });
}
