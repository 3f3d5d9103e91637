/** What the tags of a TIFF's page say (TIFF 6.0; Adobe's and libtiff's later numbers). */
export interface TiffPage {
  /** A smaller or other version of another page: a thumbnail, a level of a pyramid, a transparency mask. */
  isSecondary: boolean;
  /** Of each sample. */
  bits: number;
  samples: number;
  /** 1 unsigned, 2 signed, 3 floating point, 4 undefined. */
  sampleFormat: number;
  compression: number;
  photometric: number;
}

/** The most pages that are counted: far more than any picture has. */
const PAGES = 1000;

const TAG = {
  newSubfileType: 254,
  bitsPerSample: 258,
  compression: 259,
  photometric: 262,
  samplesPerPixel: 277,
  inkSet: 332,
  sampleFormat: 339,
  dngVersion: 50706,
} as const;

/** Whether these bytes begin like a TIFF or a BigTIFF. */
export function isTiff(bytes: Buffer): boolean {
  return /^(49492a00|4d4d002a|49492b00|4d4d002b)/.test(bytes.toString('hex', 0, 4));
}

type Tags = ReadonlyMap<number, readonly number[]>;

/**
 * The pages of a TIFF.
 *
 * @returns null where their tags cannot be read
 */
function readPages(bytes: Buffer): Tags[] | null {
  const isLittle = bytes[0] === 0x49;
  const isBig = bytes[isLittle ? 2 : 3] === 0x2b;
  const short = (at: number) => (isLittle ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
  const long = (at: number) => (isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  const wide = (at: number) =>
    Number(isLittle ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at));
  const offset = isBig ? wide : long;
  const [countSize, entrySize, offsetSize] = isBig ? [8, 20, 8] : [2, 12, 4];
  const pages: Tags[] = [];
  const seen = new Set<number>();
  try {
    let at = offset(isBig ? 8 : 4);
    while (at !== 0 && !seen.has(at) && pages.length < PAGES) {
      seen.add(at);
      const count = isBig ? wide(at) : short(at);
      const tags = new Map<number, number[]>();
      for (let i = 0; i < count; i++) {
        const entry = at + countSize + i * entrySize;
        const type = short(entry + 2);
        const values = isBig ? wide(entry + 4) : long(entry + 4);
        const size = { 1: 1, 3: 2, 4: 4 }[type];
        if (size === undefined || values > 64) continue; // nothing that is asked for
        const field = entry + 4 + offsetSize;
        const start = size * values <= offsetSize ? field : offset(field);
        const read = size === 1 ? (p: number) => bytes.readUInt8(p) : size === 2 ? short : long;
        tags.set(
          short(entry),
          Array.from({ length: values }, (_, k) => read(start + k * size)),
        );
      }
      pages.push(tags);
      at = offset(at + countSize + count * entrySize);
    }
  } catch {
    return null; // beyond the end
  }
  return pages;
}

const COMPRESSIONS: Partial<Record<number, string>> = {
  6: 'old-style JPEG',
  34661: 'JBIG',
  34676: 'SGI LogLuv',
  34712: 'JPEG 2000',
  34887: 'LERC',
  34892: 'lossy JPEG',
  34925: 'LZMA',
  50000: 'Zstandard',
  50002: 'JPEG XL',
  52546: 'JPEG XL',
};
/** None, CCITT (three kinds), LZW, JPEG, Deflate (two numbers), PackBits, WebP. */
const READ_COMPRESSIONS = [1, 2, 3, 4, 5, 7, 8, 32946, 32773, 50001];

const PHOTOMETRICS: Partial<Record<number, string>> = {
  4: 'a transparency mask',
  8: 'CIELAB colours',
  9: 'ICCLAB colours',
  10: 'ITULAB colours',
  32803: "a camera's raw mosaic",
  32844: 'LogL values',
  32845: 'LogLuv colours',
  34892: 'linear raw values of a camera',
};
/** Samples of a pixel, besides alpha, by how they are to be understood: white is zero, black is zero, RGB, palette, CMYK, YCbCr. */
const READ_PHOTOMETRICS: Partial<Record<number, number>> = { 0: 1, 1: 1, 2: 3, 3: 1, 5: 4, 6: 3 };

/**
 * The picture's page, or what was found where it is of a kind that is not read.
 *
 * @returns null where the tags cannot be read: the decoder says why
 */
export function readTiffPage(bytes: Buffer): TiffPage | string | null {
  const pages = readPages(bytes);
  const [first] = pages ?? [];
  if (!pages || !first) return null;
  const pictures = pages.map(pageOf).filter(({ isSecondary }) => !isSecondary).length;
  const page = pageOf(first);
  if (first.has(TAG.dngVersion)) return "a camera's raw file (DNG)";
  if (page.isSecondary) return "a TIFF that begins with a thumbnail, as cameras' raw files do";
  if (pictures > 1) return `a TIFF of ${pictures} pages`;
  return faultOf(page, first) ?? page;
}

function pageOf(tags: Tags): TiffPage {
  const [subfile = 0] = tags.get(TAG.newSubfileType) ?? [];
  const bits = tags.get(TAG.bitsPerSample) ?? [1];
  const formats = tags.get(TAG.sampleFormat) ?? [1];
  // Of an empty list 0, which nothing is read of.
  const one = ([first = 0, ...others]: readonly number[]) =>
    others.every((value) => value === first) ? first : NaN;
  return {
    isSecondary: (subfile & 0b101) !== 0,
    bits: one(bits),
    samples: tags.get(TAG.samplesPerPixel)?.[0] ?? 1,
    sampleFormat: one(formats),
    compression: tags.get(TAG.compression)?.[0] ?? 1,
    photometric: tags.get(TAG.photometric)?.[0] ?? 1,
  };
}

function faultOf(page: TiffPage, tags: Tags): string | null {
  const { bits, samples, sampleFormat, compression, photometric } = page;
  if (!READ_COMPRESSIONS.includes(compression)) {
    return `a TIFF compressed with ${COMPRESSIONS[compression] ?? `method ${compression}`}`;
  }
  const colours = READ_PHOTOMETRICS[photometric];
  if (colours === undefined) {
    return `a TIFF of ${PHOTOMETRICS[photometric] ?? `photometric interpretation ${photometric}`}`;
  }
  if (photometric === 6 && compression !== 7)
    return 'a TIFF of YCbCr colours without JPEG compression';
  if (photometric === 5 && (tags.get(TAG.inkSet)?.[0] ?? 1) !== 1) return 'a TIFF of other inks';
  if (Number.isNaN(bits)) return 'a TIFF whose channels have different numbers of bits';
  if (Number.isNaN(sampleFormat)) return 'a TIFF whose channels are of different kinds of numbers';
  if (samples < colours || samples > colours + 1) return `a TIFF of ${samples} channels`;
  const isRead =
    sampleFormat === 3
      ? bits === 32 && samples === colours && (photometric === 1 || photometric === 2)
      : sampleFormat === 1 || sampleFormat === 4
        ? bits === 8 ||
          (bits === 16 && photometric !== 3) ||
          (bits === 32 && samples === 1 && photometric === 1) ||
          ([1, 2, 4].includes(bits) && samples === 1)
        : false;
  if (isRead) return null;
  const kind = { 2: 'signed whole', 3: 'floating-point', 5: 'complex', 6: 'complex' }[sampleFormat];
  const packed = kind === undefined && bits % 8 !== 0 ? ', packed' : '';
  return `a TIFF of ${bits}-bit ${kind ? `${kind} ` : ''}numbers${packed}${samples > 1 ? `, ${samples} channels` : ''}`;
}
