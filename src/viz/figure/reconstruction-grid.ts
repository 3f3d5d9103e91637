import { heatMap } from '../image/heat-map';
import { minMaxRange } from '../scale/scale';
import type { Range } from '../scale/scale';
import type { RgbImage } from '../../lib/data/image';
import { channelMap, chosenChannels, type FeatureMaps } from './feature-channels';
import type { Figure } from './figure';
import { panelGrid, type GridRow, type Panel } from './panel-grid';

/** The features of one image and what an auto-encoder made of them. */
export interface ReconstructedImage {
  /** For example the defect's kind. */
  label: string;
  /** Shown before the features. */
  image: RgbImage;
  features: Omit<FeatureMaps, 'name'>;
  reconstruction: Omit<FeatureMaps, 'name'>;
}

export interface ReconstructionGridOptions {
  /** Which channels to show, or how many, spread evenly over all. Default 8. */
  channels?: number | readonly number[];
  title?: string;
  /** What the features and their reconstruction are called. Default F and A(F). */
  names?: readonly [features: string, reconstruction: string];
  /** Width of a panel in CSS pixels. Default 80. */
  panelWidth?: number;
  /** Pixels of the PNG per CSS pixel. Default 2. */
  pixelRatio?: number;
}

/** Of features and reconstructions, and of their differences. */
const COLORMAP = 'viridis' as const;
const DIFFERENCE_COLORMAP = 'inferno' as const;

/**
 * Features, their reconstruction, and the size of the difference, a row each, for one image or several; one column per
 * channel. In a column, all images share one range for features and reconstructions, and one for the differences,
 * which begins at 0: what is brighter in one image than in another is larger there.
 *
 * @throws RangeError if there is no image, an array does not fit its shape, the shapes differ, or a channel is missing
 */
export async function reconstructionGrid(
  images: readonly ReconstructedImage[],
  options: ReconstructionGridOptions = {},
): Promise<Figure> {
  const { names = ['F', 'A(F)'] } = options;
  if (images.length === 0) {
    throw new RangeError('reconstructionGrid: expected an image, found none');
  }
  const [height, width, depth] = images[0].features.shape;
  for (const { label, features, reconstruction } of images) {
    for (const { shape, data } of [features, reconstruction]) checkMaps(label, shape, data, images);
  }
  const channels = chosenChannels(options.channels ?? 8, depth, 'reconstructionGrid');
  const columns = channels.map((channel) => {
    const maps = images.map(({ features, reconstruction }) => {
      const [before, after] = [channelMap(features, channel), channelMap(reconstruction, channel)];
      return { before, after, difference: before.map((value, i) => Math.abs(value - after[i])) };
    });
    const range = rangeOf(maps.flatMap(({ before, after }) => [before, after]));
    const { hi } = rangeOf(maps.map(({ difference }) => difference));
    return { maps, range, differenceRange: { lo: 0, hi } };
  });
  const rowsOf = (image: number): GridRow[] => {
    const row = (label: string, kind: 'before' | 'after' | 'difference'): GridRow => ({
      label,
      panels: [
        kind === 'before' ? { image: images[image].image } : null,
        ...columns.map(({ maps, range, differenceRange }): Panel => {
          const style =
            kind === 'difference'
              ? { colormap: DIFFERENCE_COLORMAP, range: differenceRange }
              : { colormap: COLORMAP, range };
          return { image: heatMap(maps[image][kind], { width, height }, style) };
        }),
      ],
    });
    return [row(names[0], 'before'), row(names[1], 'after'), row('difference', 'difference')];
  };
  const labels = images.map(({ label }) => label);
  return panelGrid(
    images.map(({ label }, image) => ({ label, rows: rowsOf(image) })),
    {
      title: options.title,
      columnTitles: ['image', ...channels.map((channel) => `${channel}`)],
      panelWidth: options.panelWidth ?? 80,
      pixelRatio: options.pixelRatio,
      enlarge: 'pixels',
      note: `${channels.length} of ${depth} channels, ${height} × ${width} each`,
      colourBar: { colormap: DIFFERENCE_COLORMAP, lo: 'no difference', hi: 'largest of column' },
      alt:
        `${options.title ?? 'Reconstructed features'}: channels ${channels.join(', ')} of ` +
        `${names.join(', ')} and their difference, for ${labels.join(' and ')}.`,
    },
  );
}

function checkMaps(
  label: string,
  shape: FeatureMaps['shape'],
  data: Float32Array,
  images: readonly ReconstructedImage[],
): void {
  const expected = images[0].features.shape;
  const size = expected[0] * expected[1] * expected[2];
  if (shape.join() === expected.join() && data.length === size) return;
  throw new RangeError(
    `reconstructionGrid: expected ${size} values of the shape [${expected.join(', ')}] of ` +
      `${images[0].label}, found ${data.length} of [${shape.join(', ')}] for ${label}`,
  );
}

function rangeOf(maps: readonly Float32Array[]): Range {
  const ranges = maps.map(minMaxRange);
  return {
    lo: Math.min(...ranges.map(({ lo }) => lo)),
    hi: Math.max(...ranges.map(({ hi }) => hi)),
  };
}
