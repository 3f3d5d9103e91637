/** What a picture may ask for before anything is decoded. Each is far above any camera and far below a machine's memory. */

/** Pixels: 16383 x 16383, sharp's own limit, and that of WebP's sides. */
export const MAX_PIXELS = 16383 ** 2;

/**
 * Pixels of one side: JPEG's own limit. A PNG of some kilobytes can claim a line of 16 million pixels, which no camera
 * takes and for which resizing would need a table of as many weights.
 */
export const MAX_SIDE = 65_535;

/** Decoded bytes: so many pixels of 8-bit red, green and blue; fewer pixels where each takes more. */
export const MAX_DECODED_BYTES = 3 * MAX_PIXELS;

/** Bytes of a file: above those of the largest picture that is read, uncompressed. */
export const MAX_FILE_BYTES = 2 ** 30;

/**
 * Decoded bytes of all pictures that are decoded at the same time: a few of a usual camera's, or one that is large.
 * With the largest file and what decoding needs beside its result this stays below the 3 GB that README promises.
 */
export const DECODED_BYTES_IN_FLIGHT = 2 ** 28;
