/**
 * One array of a weight file, in PyTorch's layout as stored: a convolution's weight is
 * `[out, in, height, width]`, row-major. Whatever the file's own element type was, the values are
 * 32-bit floats here.
 */
export interface NamedArray {
  shape: number[];
  /** As long as the product of `shape` (1 for a scalar, whose shape is empty). */
  data: Float32Array;
}

/** The arrays of a weight file by name (`layer1.0.conv1.weight`), in the file's order. */
export type NamedArrays = Map<string, NamedArray>;

/** A name out of a file for a message: quoted, and cut where it is longer than a line. */
export function quoteName(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}...` : name);
}

/** A shape out of a file for a message; of an absurd one the first sizes. */
export function formatShape(shape: readonly number[]): string {
  const sizes = shape.slice(0, 8).join(', ');
  return shape.length > 8 ? `[${sizes}, ... ${shape.length} in all]` : `[${sizes}]`;
}
