import type { RgbImage } from '../../lib/data/image';
import type { Mask } from '../../lib/data/mask';
import type { Figure } from '../figure/figure';
import type { CaptionedImage } from '../figure/image-grid';
import { panelGrid } from '../figure/panel-grid';
import type { StripScale } from '../figure/strip';
import { heatMap } from '../image/heat-map';
import { outlinePath } from '../image/outline';
import { pageModule, pageStyle } from './page-module';
import { widget, type Widget } from './widget';

/** An image with its anomaly maps, all of the image's size, row-major `[height, width]`. */
export interface InspectedMaps {
  image: RgbImage;
  caption: string;
  /** The product of the levels' maps (Eq. 2). */
  map: Float32Array;
  /** In the order of the scale's levels. */
  levels: readonly Float32Array[];
  mask?: Mask | null;
}

/** A pixel of an image, from its upper left corner. */
export interface PixelPlace {
  x: number;
  y: number;
}

export interface MapInspectorOptions {
  /** The values of the colours' ends, for all images the same. */
  scale: StripScale;
  /** Titles of the levels. */
  levelTitles: readonly string[];
  /**
   * Looks for the good picture that is nearest to an image, or to what it shows at a place. Default: none is shown.
   * @param index of the image
   */
  nearest?: (index: number, place: PixelPlace) => CaptionedImage | Promise<CaptionedImage>;
  title?: string;
}

/** What the inspector's cell and page share. */
export type MapInspectorState = {
  title: string;
  maps: { width: number; height: number; rgb: Uint8Array; caption: string }[];
  /** Set by the page. */
  selected: PixelPlace & { index: number };
  /** PNG of what is selected, and the same in words. */
  detail: { png: Uint8Array; width: number; alt: string } | null;
};

/**
 * Anomaly maps to click on: a click shows the image with a mark at that place, the levels' maps with their values there,
 * and the nearest good picture. Without widgets it is the picture of the first map's highest value.
 *
 * @throws RangeError if there is no image, or a map does not fit its image
 */
export async function mapInspector(
  images: readonly InspectedMaps[],
  { scale, levelTitles, nearest, title = '' }: MapInspectorOptions,
): Promise<Widget<MapInspectorState>> {
  if (images.length === 0) throw new RangeError('mapInspector: there is no image');
  const coloured = (map: Float32Array, image: RgbImage, range: StripScale['product']) =>
    heatMap(map, image, { colormap: 'inferno', range });

  const draw = async ({ index, x, y }: MapInspectorState['selected']): Promise<Figure> => {
    const { image, caption, map, levels, mask } = images[index];
    const at = y * image.width + x;
    const mark = `M${x - 4} ${y + 0.5}H${x + 5}M${x + 0.5} ${y - 4}V${y + 5}`;
    const found = await nearest?.(index, { x, y });
    const maps = [...levels, map].map((one, i) => ({
      image: coloured(one, image, scale.levels[i] ?? scale.product),
      outline: mark,
      caption: one[at].toPrecision(3),
    }));
    const panels = [
      { image, outline: mark + (mask ? outlinePath(mask) : ''), caption },
      ...maps,
      ...(found ? [{ image: found.image, outline: mark, caption: found.caption }] : []),
    ];
    const place = `x ${x}, y ${y}`;
    return panelGrid([{ rows: [{ panels }] }], {
      title: `${caption} at ${place}`,
      columnTitles: ['input', ...levelTitles, 'product', ...(found ? ['nearest good'] : [])],
      panelWidth: 130,
      pixelRatio: 1,
      alt: `${caption}: anomaly maps of the levels, and their values at ${place}.`,
    });
  };

  const first = { index: 0, ...highest(images[0]) };
  let detail = await draw(first);
  const asState = ({ png, width, alt }: Figure) => ({ png, width, alt });
  const inspector = widget<MapInspectorState>({
    model: {
      title,
      maps: images.map(({ image, map, caption }) => {
        const { width, height, data } = coloured(map, image, scale.product);
        return { width, height, rgb: data, caption };
      }),
      selected: first,
      detail: asState(detail),
    },
    get render() {
      return pageModule('map-inspector');
    },
    get css() {
      return pageStyle();
    },
    still: () => detail,
  });
  return inspector.onChange(async ({ selected }) => {
    const { index, x, y } = selected ?? {};
    const image = images[Number(index)]?.image;
    const isWithin = (at: unknown, size: number) =>
      Number.isInteger(at) && Number(at) >= 0 && Number(at) < size;
    if (!image || !isWithin(x, image.width) || !isWithin(y, image.height)) return;
    detail = await draw({ index: Number(index), x: Number(x), y: Number(y) });
    inspector.set({ detail: asState(detail) });
  });
}

/** Where an image's map is highest. */
function highest({ image, map }: InspectedMaps): PixelPlace {
  let at = 0;
  for (let i = 0; i < map.length; i++) if (map[i] > map[at]) at = i;
  return { x: at % image.width, y: Math.floor(at / image.width) };
}
