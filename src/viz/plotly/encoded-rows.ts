/** A matrix as plotly.js reads it from JSON: in base64, of half the size of its digits, and on one line. */
export interface EncodedRows {
  dtype: 'f4' | 'u1';
  bdata: string;
  /** "rows, columns" */
  shape: string;
}

/** @param values row-major `[height, width]` */
export function encodedRows(
  values: Float32Array | Uint8Array,
  { width, height }: { width: number; height: number },
): EncodedRows {
  return {
    dtype: values instanceof Float32Array ? 'f4' : 'u1',
    bdata: Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64'),
    shape: `${height}, ${width}`,
  };
}
