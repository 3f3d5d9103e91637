import { loadSharp } from '../../../lib/data/sharp';
import { JUPYTER_DISPLAY } from '../../display/mime-bundle';
import type { Displayer } from './facts';

interface Pixels {
  width: number;
  height: number;
  data: Uint8Array;
}

function hasPixels(object: object): object is Pixels {
  const { width, height, data } = object as Partial<Pixels>;
  const areSides = [width, height].every((side) => Number.isInteger(side) && Number(side) > 0);
  return areSides && data instanceof Uint8Array;
}

/** An `RgbImage` as a picture. */
export const displayPicture: Displayer = (object) => {
  if (!hasPixels(object) || object.data.length !== 3 * object.width * object.height) return null;
  const { width, height, data } = object;
  return {
    [JUPYTER_DISPLAY]: async () => ({
      'image/png': await encode(data, width, height, 3),
      'text/plain': `RGB image, ${width} × ${height}`,
    }),
  };
};

/** A `Mask` in black and white. */
export const displayMask: Displayer = (object) => {
  if (!hasPixels(object) || object.data.length !== object.width * object.height) return null;
  const { width, height, data } = object;
  const defective = data.reduce((count, value) => count + Number(value !== 0), 0);
  const share = ((100 * defective) / data.length).toFixed(2);
  return {
    [JUPYTER_DISPLAY]: async () => ({
      'image/png': await encode(
        data.map((value) => (value === 0 ? 0 : 255)),
        width,
        height,
        1,
      ),
      'text/plain': `Mask, ${width} × ${height}, ${share} % defective`,
    }),
  };
};

async function encode(data: Uint8Array, width: number, height: number, channels: 1 | 3) {
  const sharp = loadSharp();
  const png = await sharp(data, { raw: { width, height, channels } }).png().toBuffer();
  return png.toString('base64');
}
