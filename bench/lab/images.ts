import { readFileSync } from 'fs';
import type { ImageStack } from '../../src/lib/data/image';

/** The benchmark's images, all size x size. */
export function readImages(file: string, size: number): ImageStack {
  const bytes = readFileSync(file);
  return {
    count: bytes.length / (size * size * 3),
    width: size,
    height: size,
    data: new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length),
  };
}
