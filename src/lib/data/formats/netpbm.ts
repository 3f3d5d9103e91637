import type { ImageSize } from '../../metrics/scores';

/** A portable bitmap, greymap or pixmap (PBM, PGM, PPM), as its header says. */
export interface NetpbmHeader extends ImageSize {
  channels: 1 | 3;
  /** The value of white; of a bitmap 1. */
  white: number;
  isText: boolean;
  isBitmap: boolean;
  /** Where the pixels start, in bytes. */
  start: number;
}

/** Whether these bytes begin like a file of the family, read here or not. */
export function isNetpbm(bytes: Buffer): boolean {
  return /^P[1-7Ff][\s#]/.test(bytes.toString('latin1', 0, 3));
}

/** @returns what was found, where it is not a header that can be read */
export function readNetpbmHeader(bytes: Buffer): NetpbmHeader | string {
  const kind = bytes.toString('latin1', 0, 2);
  if (kind === 'P7') return 'a PAM file';
  if (/[Ff]/.test(kind)) return 'a PFM file (floating point)';
  const isBitmap = kind === 'P1' || kind === 'P4';
  // White space and comments between the numbers, and one white space after the last.
  const number = String.raw`(?:\s|#[^\n\r]*[\n\r])+(\d{1,9})`;
  const pattern = new RegExp(`^P\\d${number.repeat(isBitmap ? 2 : 3)}(?:#[^\\n\\r]*[\\n\\r]|\\s)`);
  const match = pattern.exec(bytes.toString('latin1', 0, 4096));
  if (!match) return 'a truncated or damaged header';
  const [width, height, white = 1] = match.slice(1).map(Number);
  if (width === 0 || height === 0) return `a size of ${width} x ${height} pixels`;
  if (white < 1 || white > 65535) return `${white} as the value of white`;
  return {
    width,
    height,
    channels: kind === 'P3' || kind === 'P6' ? 3 : 1,
    white,
    isText: kind <= 'P3',
    isBitmap,
    start: match[0].length,
  };
}

/**
 * The values as stored, 0 to `white`; a bitmap's 1 is black and becomes 0.
 *
 * @returns [height, width, channels], or what was found where they are not there
 */
export function readNetpbmValues(bytes: Buffer, header: NetpbmHeader): Uint16Array | string {
  const { width, height, channels, white, isText, isBitmap, start } = header;
  const count = width * height * channels;
  const rowBytes = isBitmap ? Math.ceil(width / 8) : width * channels * (white > 255 ? 2 : 1);
  const least = isText ? 1 : rowBytes * height;
  if (bytes.length - start < (isText ? (isBitmap ? count : 2 * count - 1) : least)) {
    return `a truncated file (${bytes.length} bytes)`;
  }
  const values = new Uint16Array(count);
  if (isText) {
    const text = bytes.toString('latin1', start).replace(/#[^\n\r]*/g, '');
    let next = 0;
    for (const [word] of text.matchAll(isBitmap ? /[01]/g : /\d+/g)) {
      if (next === count) break;
      values[next++] = Number(word);
    }
    if (next < count) return `a truncated file (${next} of ${count} values)`;
  } else if (isBitmap) {
    for (let i = 0; i < count; i++) {
      const x = i % width;
      const byte = bytes[start + Math.floor(i / width) * rowBytes + (x >> 3)];
      values[i] = (byte >> (7 - (x & 7))) & 1;
    }
  } else if (white > 255) {
    for (let i = 0; i < count; i++) values[i] = bytes.readUInt16BE(start + 2 * i);
  } else {
    values.set(bytes.subarray(start, start + count));
  }
  const beyond = values.find((value) => value > white);
  if (beyond !== undefined) return `the value ${beyond}, where ${white} is white`;
  if (isBitmap) for (let i = 0; i < count; i++) values[i] = 1 - values[i];
  return values;
}
