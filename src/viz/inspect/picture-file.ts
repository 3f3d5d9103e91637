/** The first bytes of the files that a browser and the library read alike. */
const KINDS: readonly { name: string; begins: (bytes: Uint8Array) => boolean }[] = [
  { name: 'PNG', begins: (bytes) => textAt(bytes, 0, 8) === '\x89PNG\r\n\x1a\n' },
  { name: 'JPEG', begins: (bytes) => textAt(bytes, 0, 3) === '\xff\xd8\xff' },
  { name: 'BMP', begins: (bytes) => textAt(bytes, 0, 2) === 'BM' },
  {
    name: 'WebP',
    begins: (bytes) => textAt(bytes, 0, 4) === 'RIFF' && textAt(bytes, 8, 4) === 'WEBP',
  },
];

/**
 * Why a file cannot be judged in a browser; null where it can. A browser shows what it can of a damaged file, and says
 * nothing; so whether it is whole is found out here. Runs in a page: imports nothing.
 */
export function pictureFault(bytes: Uint8Array): string | null {
  if (bytes.length === 0) return 'an empty file';
  const kind = KINDS.find(({ begins }) => begins(bytes))?.name;
  if (kind === 'PNG') return pngFault(bytes);
  if (kind === 'JPEG') return jpegFault(bytes);
  if (kind === 'BMP') return cutShort(bytes.length < 26 || uint32(bytes, 2) > bytes.length);
  if (kind === 'WebP') return cutShort(bytes.length < 12 || uint32(bytes, 4) + 8 > bytes.length);
  const head = textAt(bytes, 0, 4);
  const isTiff = head === 'II*\0' || head === 'MM\0*';
  const what = isTiff ? 'a TIFF, which browsers do not read' : 'something else';
  return `expected a PNG, JPEG, BMP or WebP picture, found ${what}`;
}

const CUT_SHORT = 'a truncated or damaged file';

function cutShort(isShort: boolean): string | null {
  return isShort ? CUT_SHORT : null;
}

function pngFault(bytes: Uint8Array): string | null {
  let at = 8;
  for (;;) {
    if (at + 12 > bytes.length) return CUT_SHORT;
    const length = uint32(bytes, at, false);
    const type = textAt(bytes, at + 4, 4);
    const end = at + 8 + length;
    if (end + 4 > bytes.length) return CUT_SHORT;
    if (crc32(bytes.subarray(at + 4, end)) !== uint32(bytes, end, false)) return CUT_SHORT;
    if (type === 'IHDR' && bytes[at + 16] === 16) {
      return 'a PNG of 16 bits a channel, of which a browser gives 8: judge it with `stfpm predict`';
    }
    if (type === 'acTL') return 'an animated PNG, expected one picture';
    if (type === 'IEND') return null;
    at = end + 4;
  }
}

/** Walks from marker to marker up to the end mark: what a camera appends after it does not matter. */
function jpegFault(bytes: Uint8Array): string | null {
  let at = 2;
  while (at + 4 <= bytes.length || bytes[at + 1] === 0xd9) {
    if (bytes[at] !== 0xff) return CUT_SHORT;
    const marker = bytes[at + 1];
    if (marker === 0xff) {
      at++;
      continue;
    }
    if (marker === 0xd9) return null;
    // The frame's header: its number of colour components.
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame && bytes[at + 9] === 4) {
      return 'a JPEG with four colours (CMYK), which browsers convert in their own ways';
    }
    at += 2 + bytes[at + 2] * 256 + bytes[at + 3];
    if (marker !== 0xda) continue;
    // The compressed pixels: no marker in them but those that restart the decoder.
    while (at < bytes.length && !(bytes[at] === 0xff && isMarker(bytes[at + 1]))) at++;
  }
  return CUT_SHORT;
}

function isMarker(code: number | undefined): boolean {
  return code !== undefined && code !== 0 && !(code >= 0xd0 && code <= 0xd7);
}

function textAt(bytes: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + length));
}

function uint32(bytes: Uint8Array, at: number, littleEndian = true): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, littleEndian);
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** As PNG has it, of ISO 3309. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = CRC_TABLE[(crc ^ byte) & 255] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
