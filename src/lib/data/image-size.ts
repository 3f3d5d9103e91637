/** Width and height in pixels. */
export type ImageSize = readonly [width: number, height: number];

/** @throws RangeError unless both are whole numbers from 1 on */
export function checkSize(size: ImageSize): void {
  if (size.length !== 2 || !size.every((side) => Number.isInteger(side) && side >= 1)) {
    throw new RangeError(`A size must be [width, height] in whole pixels, found [${size}]`);
  }
}
