import { inspect } from 'node:util';
import type { ImageSize } from '../metrics/image-stack-size';

export type { ImageSize } from '../metrics/image-stack-size';

/** @throws RangeError unless both sides are whole numbers from 1 on */
export function checkSize({ height, width }: ImageSize): void {
  if (![height, width].every((side) => Number.isInteger(side) && side >= 1)) {
    throw new RangeError(
      `A size must be { height, width } in whole pixels, found ${inspect({ height, width })}`,
    );
  }
}
