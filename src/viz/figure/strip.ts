import type { RgbImage } from '../../lib/data/image';
import type { Mask } from '../../lib/data/mask';
import type { ColormapName } from '../colormap/colormap';
import { heatMap } from '../image/heat-map';
import { outlinePath } from '../image/outline';
import { blend, superposition } from '../image/overlay';
import type { Range } from '../scale/scale';
import type { Figure } from './figure';
import { panelGrid, type GridRow, type Panel } from './panel-grid';

/** The ranges of a shared scale, one for each kind of map: the levels' maps differ in magnitude. */
export interface StripScale {
  /** In the order of the level maps. */
  levels: readonly Range[];
  product: Range;
}

/** One model's maps of one image, all at the image's size, row-major `[height, width]`. */
export interface ModelMaps {
  /** The model's name: the row's label where there are several models. */
  name: string;
  /** Maps of the levels, the coarsest first: 16 x 16, 32 x 32, 64 x 64, upsampled. */
  levels: readonly Float32Array[];
  /** The multi-scale map: the product of the levels' maps (Eq. 2). */
  product: Float32Array;
  /** The ranges for the `shared` look where they are this model's own. */
  scale?: StripScale;
}

/** One image with the maps of every model, one row per model. */
export interface StripImage {
  image: RgbImage;
  /** The ground truth, to be outlined. */
  mask?: Mask | null;
  /** For example the defect's kind and the file's name. */
  label?: string;
  models: readonly ModelMaps[];
}

export interface StripOptions {
  /**
   * `paper`: JET, every map scaled on its own, overlay by superposition, no outlines. `shared`: a
   * perceptually uniform colour map, one scale for all images (and models), ground-truth outlines.
   * Default `paper`.
   */
  look?: 'paper' | 'shared';
  /** The ranges for the `shared` look; a model's own come first. */
  scale?: StripScale;
  /** Default `jet` for the paper's look, `inferno` for the shared one. */
  colormap?: ColormapName;
  /** Whether to outline the ground truth on input and overlay. Default: only in the shared look. */
  outlines?: boolean;
  title?: string;
  /** Titles of the level columns. Default 16 x 16, 32 x 32, 64 x 64. */
  levelTitles?: readonly string[];
  /** Images side by side. Default 1. */
  imageColumns?: number;
  /** Width of a panel in CSS pixels. Default 150. */
  panelWidth?: number;
  /** Pixels of the PNG per CSS pixel. Default 2. */
  pixelRatio?: number;
  /** What the first and last colour of the shared scale stand for. */
  scaleLabels?: readonly [lo: string, hi: string];
}

const LEVEL_TITLES = ['16 × 16', '32 × 32', '64 × 64'];

/**
 * The comparison strip of the paper's Figures 3 to 5: for every image one row per model, with the
 * columns input image, level maps from the coarsest to the finest, and overlay of the product map.
 *
 * @throws RangeError if a map does not fit its image, the number of levels in a row is not that
 *   of the titles, or the shared look lacks its ranges
 */
export async function comparisonStrip(
  images: readonly StripImage[],
  options: StripOptions = {},
): Promise<Figure> {
  const { look = 'paper', levelTitles = LEVEL_TITLES } = options;
  const shared = look === 'shared';
  const colormap = options.colormap ?? (shared ? 'inferno' : 'jet');
  const [lo, hi] =
    options.scaleLabels ??
    (shared ? ['0', '99.9th percentile of good images'] : ['min', 'max of each map']);
  const models = [...new Set(images.flatMap((image) => image.models.map(({ name }) => name)))];
  return panelGrid(
    images.map((image) => {
      const rows = image.models.map((model) =>
        stripRow(image, model, colormap, levelTitles, options),
      );
      // With one model only, its name beside every image would say nothing.
      if (models.length === 1 && image.label !== undefined) {
        return { rows: rows.map(({ panels }) => ({ label: image.label, panels })) };
      }
      return { label: image.label, rows };
    }),
    {
      title: options.title,
      columnTitles: ['Input', ...levelTitles, 'Overlay'],
      panelWidth: options.panelWidth,
      pixelRatio: options.pixelRatio,
      blockColumns: options.imageColumns,
      colourBar: { colormap, lo, hi },
      alt:
        `${options.title ? `${options.title}. ` : ''}Anomaly maps of ${models.join(' and ')} on ` +
        `${images.map(({ label }, i) => label ?? `image ${i + 1}`).join(', ')}; columns: input, ` +
        `maps ${levelTitles.join(', ')}, overlay; ` +
        (shared ? 'one scale for all maps.' : 'each map scaled on its own.'),
    },
  );
}

function stripRow(
  { image, mask }: StripImage,
  model: ModelMaps,
  colormap: ColormapName,
  levelTitles: readonly string[],
  options: StripOptions,
): GridRow {
  const shared = options.look === 'shared';
  if (model.levels.length !== levelTitles.length) {
    throw new RangeError(
      `comparisonStrip: expected ${levelTitles.length} level maps for ${model.name}, ` +
        `found ${model.levels.length}`,
    );
  }
  const scale = shared ? (model.scale ?? options.scale) : undefined;
  if (shared && scale?.levels.length !== levelTitles.length) {
    throw new RangeError(
      `comparisonStrip: the shared look expects ${levelTitles.length} level ranges and one for the ` +
        `product for ${model.name}, found ${scale?.levels.length ?? 'none'}`,
    );
  }
  const outline = mask && (options.outlines ?? shared) ? outlinePath(mask) : undefined;
  const levels = model.levels.map((map, level): Panel => ({
    image: heatMap(map, image, { colormap, range: scale?.levels[level] }),
  }));
  const overlay = shared
    ? blend(image, model.product, { colormap, range: scale?.product })
    : superposition(image, model.product, { colormap });
  return {
    label: model.name,
    panels: [{ image, outline }, ...levels, { image: overlay, outline }],
  };
}
