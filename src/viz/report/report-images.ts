import path from 'node:path';
import { isDefective } from '../../lib/anomaly-map/threshold';
import { imageOf } from '../../lib/data/image';
import type { RgbImage } from '../../lib/data/image';
import type { Mask } from '../../lib/data/mask';
import { loadSharp } from '../../lib/data/sharp';
import { hasMaps } from '../../lib/evaluation/evaluate-detector';
import type { Evaluation } from '../../lib/evaluation/evaluate-detector';
import { comparedImages, levelTitles } from '../figure/model-comparison';
import type { ModelMaps } from '../figure/strip';
import { drawOutline } from '../image/draw-outline';
import type { MapSize } from '../image/heat-map';
import { outlinePath } from '../image/outline';
import { blend } from '../image/overlay';
import { minMaxRange, toUnit } from '../scale/scale';
import type { Range } from '../scale/scale';

/** Maps of levels are upsampled from a fourth of the image's side or less: at half the side nothing of them is lost. */
const LEVEL_STEP = 2;

/** What the report says of one model. */
export interface JudgedModel {
  name: string;
  evaluation: Evaluation;
  /** The image score above which an image is called defective; null where none is known. */
  threshold: number | null;
}

/** One model's answer to one image. */
export interface ReportJudgement {
  model: string;
  score: number;
  verdict: 'good' | 'defect' | null;
  /** Whether the verdict is the truth; null without a verdict. */
  isRight: boolean | null;
  /** Data URI of the map over the image; null of a model without maps. */
  overlay: string | null;
  /** The final map first, then the levels, the coarsest first; none of a model without maps. */
  maps: { title: string; map: EncodedMap; top: number }[];
}

/** A test image with what every model says of it. */
export interface ReportImage {
  name: string;
  defect: string;
  label: 0 | 1;
  width: number;
  height: number;
  /** Data URI. */
  input: string;
  /** The ground truth as SVG path data in pixels; empty without a mask. */
  outline: string;
  judgements: ReportJudgement[];
}

/**
 * All test images with the maps of every model, one colour scale per model.
 *
 * @throws RangeError if the models were evaluated on different images
 */
export async function reportImages(models: readonly JudgedModel[]): Promise<ReportImage[]> {
  const { samples, images, masks } = models[0].evaluation;
  const withMaps = models.filter(({ evaluation }) => hasMaps(evaluation.detections));
  const compared =
    withMaps.length > 0
      ? comparedImages(
          withMaps,
          samples.map((_, i) => i),
        )
      : null;
  const titles = levelTitles(images);
  const reported: ReportImage[] = [];
  for (const [index, { defect, label, file }] of samples.entries()) {
    const image = imageOf(images, index);
    const mask = masks[index];
    const mapsOf = (model: JudgedModel) => compared?.[index].models[withMaps.indexOf(model)];
    reported.push({
      name: path.basename(file),
      defect,
      label,
      width: image.width,
      height: image.height,
      input: await imageUri(image),
      outline: mask ? outlinePath(mask) : '',
      judgements: await Promise.all(
        models.map(async (model) => {
          const maps = mapsOf(model);
          return {
            ...judgement(model, index),
            ...(maps
              ? await pictures(image, mask ?? null, maps, titles)
              : { overlay: null, maps: [] }),
          };
        }),
      ),
    });
  }
  return reported;
}

function judgement({ name, evaluation, threshold }: JudgedModel, index: number) {
  const { score, label } = evaluation.results[index];
  if (threshold === null) return { model: name, score, verdict: null, isRight: null };
  const isDefect = isDefective(score, threshold);
  return {
    model: name,
    score,
    verdict: isDefect ? ('defect' as const) : ('good' as const),
    isRight: isDefect === (label === 1),
  };
}

async function pictures(
  image: RgbImage,
  mask: Mask | null,
  { product, levels, scale }: ModelMaps,
  titles: readonly string[],
): Promise<Pick<ReportJudgement, 'overlay' | 'maps'>> {
  const encode = async (title: string, map: Float32Array, range?: Range, step = 1) => ({
    title,
    map: await encodeMap(map, image, step),
    top: Number((range ?? minMaxRange(map)).hi.toPrecision(4)),
  });
  const overlay = blend(image, product, scale && { range: scale.product });
  return {
    overlay: await imageUri(mask ? drawOutline(overlay, mask) : overlay),
    maps: await Promise.all([
      encode('Map', product, scale?.product),
      ...levels.map((map, level) => encode(titles[level], map, scale?.levels[level], LEVEL_STEP)),
    ]),
  };
}

/**
 * A map as an 8-bit grey PNG: the grey value g stands for lo + (hi - lo) (g / 255)². The square keeps
 * steps small where normal pixels lie, far below a defect's.
 */
export interface EncodedMap {
  /** Data URI. */
  png: string;
  lo: number;
  hi: number;
  /** Side in image pixels of one grey pixel. */
  step: number;
}

/**
 * Encodes a map `[height, width]`, row-major; what is not a number becomes the lowest value.
 *
 * @param step side of the blocks that are averaged into one grey pixel; it divides the map's sides
 */
export async function encodeMap(
  map: Float32Array,
  size: MapSize,
  step: number,
): Promise<EncodedMap> {
  const [width, height] = [size.width / step, size.height / step];
  const values = step === 1 ? map : blockMeans(map, size.width, step, [width, height]);
  const range = minMaxRange(values);
  const unit = toUnit(values, range);
  const grey = Uint8Array.from(unit, (value) => Math.round(255 * Math.sqrt(value || 0)));
  const sharp = loadSharp();
  const png = await sharp(grey, { raw: { width, height, channels: 1 } })
    .toColourspace('b-w')
    .png({ compressionLevel: 9, adaptiveFiltering: true })
    .toBuffer();
  return {
    png: `data:image/png;base64,${png.toString('base64')}`,
    lo: rounded(range.lo),
    hi: rounded(range.hi),
    step,
  };
}

function blockMeans(
  map: Float32Array,
  mapWidth: number,
  step: number,
  [width, height]: [number, number],
): Float32Array {
  const means = new Float32Array(width * height);
  for (let i = 0; i < height * step * mapWidth; i++) {
    const [x, y] = [i % mapWidth, Math.floor(i / mapWidth)];
    means[Math.floor(y / step) * width + Math.floor(x / step)] += map[i] / step ** 2;
  }
  return means;
}

function rounded(value: number): number {
  return Number(value.toPrecision(6));
}

/** A picture as a WebP data URI, for a page that opens without any other file. */
async function imageUri({ data, width, height }: RgbImage): Promise<string> {
  const sharp = loadSharp();
  const webp = await sharp(data, { raw: { width, height, channels: 3 } })
    .webp({ quality: 82, effort: 4 })
    .toBuffer();
  return `data:image/webp;base64,${webp.toString('base64')}`;
}
