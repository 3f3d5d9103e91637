/**
 * Where a detector comes from:
 * - a string: the path of a run folder, or of a file that `stfpm export` wrote; in the browser, the file's address
 * - a URL: the same with `file:`, or the file behind `http:` and `https:`
 * - Uint8Array or ArrayBuffer: the content of such a file
 */
export type DetectorSource = string | URL | Uint8Array | ArrayBuffer;

export interface OpenDetectorOptions {
  /** Cores to compute on. Default: all. */
  threads?: number;
  /** What messages call it. Default: the name of its file or folder. */
  name?: string;
  /** For a run folder: where the teacher's weights are now. Default: where they were. */
  teacherFile?: string;
  /** Ends a download, with its reason. */
  signal?: AbortSignal;
}
