import { extname } from 'node:path';

/** File name endings that are read as images, in lower case. */
const IMAGE_EXTENSIONS: readonly string[] = [
  ...['.png', '.webp', '.gif', '.avif'],
  ...['.jpg', '.jpeg', '.jpe', '.jfif', '.jfi', '.jif'],
  ...['.bmp', '.dib', '.tif', '.tiff'],
  ...['.pgm', '.ppm', '.pbm', '.pnm'],
];

/** The same as a person would write them: for messages. */
export const IMAGE_FORMATS = 'PNG, JPEG, BMP, TIFF, WebP, GIF, AVIF or PGM/PPM';

/** Whether the name ends like an image's that is read, in any case. */
export function isImageName(name: string): boolean {
  return IMAGE_EXTENSIONS.includes(extname(name).toLowerCase());
}

/** Pictures that are not read, by the endings of their names. */
const UNREAD_EXTENSIONS: Readonly<Record<string, string>> = {
  ...{ '.heic': 'HEIC', '.heif': 'HEIF', '.heics': 'HEIC', '.jxl': 'JPEG XL' },
  ...{ '.jp2': 'JPEG 2000', '.j2k': 'JPEG 2000', '.jpf': 'JPEG 2000', '.jpx': 'JPEG 2000' },
  ...{ '.jls': 'JPEG-LS', '.jxr': 'JPEG XR', '.psd': 'Photoshop', '.svg': 'SVG', '.pdf': 'PDF' },
  ...{ '.exr': 'OpenEXR', '.hdr': 'Radiance HDR', '.pfm': 'PFM', '.pam': 'PAM', '.tga': 'TGA' },
  ...{ '.pcx': 'PCX', '.sgi': 'SGI', '.dds': 'DDS', '.ico': 'ICO', '.icns': 'ICNS' },
  ...{ '.dcm': 'DICOM', '.fits': 'FITS', '.fit': 'FITS', '.nii': 'NIfTI', '.npy': 'NumPy array' },
  ...{ '.dng': 'raw', '.cr2': 'raw', '.cr3': 'raw', '.nef': 'raw', '.arw': 'raw', '.raf': 'raw' },
  ...{ '.orf': 'raw', '.rw2': 'raw', '.raw': 'raw', '.czi': 'CZI', '.nd2': 'ND2' },
  ...{ '.mp4': 'video', '.avi': 'video', '.mov': 'video', '.mkv': 'video', '.apng': 'APNG' },
};

/** Whether the name ends like that of a picture, or of many, that is not read. */
export function isUnreadImageName(name: string): boolean {
  return extname(name).toLowerCase() in UNREAD_EXTENSIONS;
}

/**
 * Files that are passed over, counted by kind, pictures first and the commonest first: "12 .heic (HEIC), 3 .txt and
 * 1 without an ending".
 *
 * @param names of one or more files
 */
export function countKinds(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) {
    const extension = extname(name).toLowerCase();
    counts.set(extension, (counts.get(extension) ?? 0) + 1);
  }
  const isPicture = (extension: string) => Number(extension in UNREAD_EXTENSIONS);
  const parts = [...counts]
    .sort(([a, m], [b, n]) => isPicture(b) - isPicture(a) || n - m || (a < b ? -1 : 1))
    .map(([extension, count]) => {
      const kind = UNREAD_EXTENSIONS[extension];
      if (extension === '') return `${count} without an ending`;
      return `${count} ${extension}${kind ? ` (${kind})` : ''}`;
    });
  if (parts.length < 2) return parts.join('');
  return `${parts.slice(0, -1).join(', ')} and ${parts[parts.length - 1]}`;
}

/** Files that are not read, by how they begin: offset, bytes in hexadecimal, and what they are called. */
const SIGNATURES: readonly (readonly [number, string, string])[] = [
  [0, 'ff0a', 'a JPEG XL image'],
  [0, '0000000c4a584c20', 'a JPEG XL image'],
  [0, '0000000c6a502020', 'a JPEG 2000 image'],
  [0, 'ff4fff51', 'a JPEG 2000 image'],
  [0, '38425053', 'a Photoshop file'],
  [0, '762f3101', 'an OpenEXR image'],
  [0, '233f5241444941', 'a Radiance HDR image'],
  [0, '4949bc01', 'a JPEG XR image'],
  [0, '00000100', 'an icon (ICO)'],
  [0, '69636e73', 'an icon (ICNS)'],
  [0, '44445320', 'a DDS image'],
  [0, '01da', 'an SGI image'],
  [0, '0a050108', 'a PCX image'],
  [0, '25504446', 'a PDF'],
  [0, '25215053', 'a PostScript file'],
  [0, '53494d504c4520', 'a FITS image'],
  [0, '46554a4946494c4d', "a camera's raw file (RAF)"],
  [0, '49495500', "a camera's raw file (RW2)"],
  [0, '4949524f', "a camera's raw file (ORF)"],
  [0, '934e554d5059', 'a NumPy array'],
  [0, '8a4d4e47', 'an MNG animation'],
  [0, '1f8b', 'a gzip archive'],
  [0, '504b0304', 'a ZIP archive'],
  [4, '667479706d70', 'a video (MP4)'],
  [4, '6674797069736f', 'a video (MP4)'],
  [4, '6674797071742020', 'a video (QuickTime)'],
  [4, '66747970637278', "a camera's raw file (CR3)"],
  [8, '41564920', 'a video (AVI)'],
  [128, '4449434d', 'a DICOM image'],
];

/** The true name of a file of another kind, by how it begins: "a JPEG XL image"; undefined for one not known. */
export function kindByContent(bytes: Buffer): string | undefined {
  return SIGNATURES.find(
    ([offset, start]) => bytes.toString('hex', offset, offset + start.length / 2) === start,
  )?.[2];
}
