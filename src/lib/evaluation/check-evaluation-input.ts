import { nanInMap } from '../anomaly-map/image-score';
import type { EvaluationInput } from './evaluate-maps';

/**
 * Checks what `evaluateMaps` is given, image by image, so that an error can name the image.
 *
 * @throws RangeError naming the first image that is not as expected
 */
export function checkEvaluationInput(input: EvaluationInput): void {
  const { maps, masks, labels, defects, files, imageScores } = input;
  const { width, height } = input;
  const perImage = { masks, labels, defects, files, imageScores };
  for (const [name, list] of Object.entries(perImage)) {
    if (list !== undefined && list.length !== maps.length) {
      throw new RangeError(
        `Expected ${maps.length} ${name}, one for each map, found ${list.length}.`,
      );
    }
  }
  if (maps.length === 0) throw new RangeError('Expected at least one anomaly map, found none.');
  maps.forEach((map, i) => {
    const fail = (expected: string, found: string) => {
      const image = files ? `${files[i]} (image ${i})` : `image ${i}`;
      throw new RangeError(`${image}: expected ${expected}, found ${found}.`);
    };
    if (labels[i] !== 0 && labels[i] !== 1) fail('a label 0 or 1', `${labels[i]}`);
    if (map.length !== width * height) {
      fail(`an anomaly map of ${width} x ${height} = ${width * height} pixels`, `${map.length}`);
    }
    const nan = nanInMap(map, width);
    if (nan) fail('an anomaly map of numbers', nan);
    if (imageScores && Number.isNaN(imageScores[i])) fail('a number as image score', 'NaN');
    const mask = masks[i];
    if (mask === null) return;
    if (mask.width !== width || mask.height !== height || mask.data.length !== map.length) {
      fail(
        `a mask of ${width} x ${height} pixels like the map`,
        `${mask.width} x ${mask.height} with ${mask.data.length} values`,
      );
    }
    const wrong = mask.data.findIndex((value) => value > 1);
    if (wrong >= 0) fail('a mask of zeros and ones', `${mask.data[wrong]}`);
    if (labels[i] === 0 && mask.data.includes(1)) fail('no defect pixels in a good image', 'some');
  });
}
