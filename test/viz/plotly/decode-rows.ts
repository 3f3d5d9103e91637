import type { EncodedRows } from '../../../src/viz/plotly/plotly-view';

/** The matrix that plotly.js makes of it. */
export function decodeRows({ dtype, bdata, shape }: EncodedRows): number[][] {
  const bytes = Uint8Array.from(Buffer.from(bdata, 'base64'));
  const values = dtype === 'f4' ? new Float32Array(bytes.buffer) : bytes;
  const [height, width] = shape.split(', ').map(Number);
  return Array.from({ length: height }, (_, y) => [...values.subarray(y * width, (y + 1) * width)]);
}
