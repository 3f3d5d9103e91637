/** What a file may ask for before anything is read or decoded. Each is far above honest use and below a machine's memory. */

/** Pixels: 16383 x 16383, sharp's own limit, and that of WebP's sides. */
export const MAX_PIXELS = 16383 ** 2;

/**
 * Pixels of one side: JPEG's own limit. A PNG of some kilobytes can claim a line of 16 million pixels, which no camera
 * takes and for which resizing would need a table of as many weights.
 */
export const MAX_SIDE = 65_535;

/** Decoded bytes: so many pixels of 8-bit red, green and blue; fewer pixels where each takes more. */
export const MAX_DECODED_BYTES = 3 * MAX_PIXELS;

/** Bytes of a picture's file: above those of the largest picture that is read, uncompressed. */
export const MAX_FILE_BYTES = 2 ** 30;

/**
 * Decoded bytes of all pictures that are decoded at the same time: a few of a usual camera's, or one that is large.
 * With the largest file and what decoding needs beside its result this stays below the 3 GB that README promises.
 */
export const DECODED_BYTES_IN_FLIGHT = 2 ** 28;

/** Bytes of the files that are held at the same time, in the same way. */
export const FILE_BYTES_IN_FLIGHT = 2 ** 28;

/** Bytes of a model, of network weights or of an array: Protocol Buffers' own limit, and so that of an ONNX file. */
export const MAX_MODEL_BYTES = 2 ** 31 - 1;

/** Bytes of JSON, YAML and the like: COCO's own annotations, with half a million polygons, are as large. */
export const MAX_TEXT_BYTES = 2 ** 29 - 24; // the longest string of V8
