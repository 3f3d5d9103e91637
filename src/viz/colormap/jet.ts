/**
 * OpenCV's COLORMAP_JET, the look of the paper's figures: 256 RGB entries, blue (low) over cyan,
 * yellow to red (high).
 *
 * Each channel is a trapezoid with slope 4 over the 256 entries; the halves are rounded to even, as
 * OpenCV's `cvRound` does.
 */
export function jetTable(): Uint8Array {
  const table = new Uint8Array(256 * 3);
  for (let i = 0; i < 256; i++) {
    table[3 * i] = toByte(Math.min(4 * i - 382.5, 1147.5 - 4 * i));
    table[3 * i + 1] = toByte(Math.min(4 * i - 127.5, 892.5 - 4 * i));
    table[3 * i + 2] = toByte(Math.min(4 * i + 127.5, 637.5 - 4 * i));
  }
  // OpenCV interpolates its table in single precision; this is the one entry where that shows
  // (1.4999 rounds to 1, the exact 1.5 would give 2).
  table[3 * 159 + 2] = 1;
  return table;
}

function toByte(value: number): number {
  const clamped = Math.min(255, Math.max(0, value));
  const floor = Math.floor(clamped);
  return clamped - floor === 0.5 ? floor + (floor % 2) : Math.round(clamped);
}
