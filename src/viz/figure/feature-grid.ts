import { heatMap } from '../image/heat-map';
import { minMaxRange } from '../scale/scale';
import type { Range } from '../scale/scale';
import { channelMap, chosenChannels, type FeatureMaps } from './feature-channels';
import type { Figure } from './figure';
import { panelGrid, type GridRow, type Panel } from './panel-grid';

export interface FeatureGridOptions {
  /** Which channels to show, or how many, spread evenly over all. Default 8. */
  channels?: number | readonly number[];
  title?: string;
  /** Width of a panel in CSS pixels. Default 80. */
  panelWidth?: number;
  /** Pixels of the PNG per CSS pixel. Default 2. */
  pixelRatio?: number;
}

const COLORMAP = 'viridis' as const;

/**
 * Feature maps side by side: one row per network, one column per channel, a square per feature. All networks share the
 * range of a channel, so that they compare.
 *
 * @throws RangeError if an array does not fit its shape, the shapes differ, or a channel is missing
 */
export async function featureGrid(
  networks: readonly FeatureMaps[],
  options: FeatureGridOptions = {},
): Promise<Figure> {
  const { panelWidth = 80 } = options;
  if (networks.length === 0) throw new RangeError('featureGrid: expected feature maps, found none');
  networks.forEach((network) => checkShape(network, networks[0]));
  const [height, width, depth] = networks[0].shape;
  const channels = chosenChannels(options.channels ?? 8, depth, 'featureGrid');
  const maps = networks.map((network) => channels.map((channel) => channelMap(network, channel)));
  const ranges = channels.map((_, column) => union(maps.map((all) => minMaxRange(all[column]))));
  const rows = networks.map(({ name }, row): GridRow => ({
    label: name,
    panels: ranges.map((range, column): Panel => {
      const style = { colormap: COLORMAP, range };
      return { image: heatMap(maps[row][column], { width, height }, style) };
    }),
  }));
  const names = networks.map(({ name }) => name).join(' and ');
  return panelGrid([{ rows }], {
    title: options.title,
    columnTitles: channels.map((channel) => `${channel}`),
    panelWidth,
    pixelRatio: options.pixelRatio,
    enlarge: 'pixels',
    note: `${channels.length} of ${depth} channels, ${height} × ${width} each`,
    colourBar: { colormap: COLORMAP, lo: 'min', hi: 'max of column' },
    alt: `${options.title ?? 'Feature maps'}: channels ${channels.join(', ')} of ${names}.`,
  });
}

function checkShape({ name, data, shape }: FeatureMaps, first: FeatureMaps): void {
  if (shape.join() !== first.shape.join()) {
    throw new RangeError(
      `featureGrid: expected the shape [${first.shape.join(', ')}] of ${first.name}, ` +
        `found [${shape.join(', ')}] for ${name}`,
    );
  }
  const size = shape[0] * shape[1] * shape[2];
  if (data.length !== size) {
    throw new RangeError(`featureGrid: expected ${size} values for ${name}, found ${data.length}`);
  }
}

function union(ranges: readonly Range[]): Range {
  return {
    lo: Math.min(...ranges.map(({ lo }) => lo)),
    hi: Math.max(...ranges.map(({ hi }) => hi)),
  };
}
