import * as fs from 'fs';
import * as path from 'path';
import type { FoundRegion } from '../../lib/anomaly-map/found-regions';
import type { Mask } from '../../lib/data/mask';
import type { ImageSize } from '../../lib/metrics/scores';
import type { RgbImage } from '../../lib/data/image';
import { loadSharp } from '../../lib/data/sharp';
import { formatCsv } from '../../lib/evaluation/csv';
import { requireWritable, writeFileAtomic } from '../../lib/files/atomic-write';
import { FileError } from '../../lib/files/file-error';
import { LineFile } from '../../lib/files/line-file';
import { readHead, readLines } from '../../lib/files/read-file';
import { printable } from '../../lib/text/printable';
import { writePng } from '../figures/write-png';
import type { FileVersion } from '../inputs/watch-folders';

/** What `stfpm predict` says of one image: a line of judgements.jsonl, and of --json. */
export interface ImageRecord {
  type: 'image';
  /** As the user named it, to the letter. */
  file: string;
  score?: number;
  /** How many times the threshold; absent without a threshold above 0. */
  scoreOverThreshold?: number;
  /** Absent without a threshold. */
  verdict?: 'good' | 'defect' | 'not judged';
  /** Upright, in pixels. */
  picture?: ImageSize;
  /** The share of its pixels that was not looked at; absent where all of it was. */
  unseen?: number;
  /** Where the map is above the pixel threshold, in pixels of the picture; absent without one. */
  regions?: FoundRegion[];
  /** Relative to the folder of the results. */
  overlay?: string;
  mask?: string;
  /** Why it could not be judged. */
  error?: string;
  /** Of the file, with --watch: bytes, and milliseconds since 1970. */
  size?: number;
  modified?: number;
}

const COLUMNS = [
  'file',
  'score',
  'score_over_threshold',
  'verdict',
  'regions',
  'overlay',
  'mask',
  'error',
];

const SCORES = 'scores.csv';
const JUDGEMENTS = 'judgements.jsonl';

/** Results reach the disk at least this often. */
const FLUSH_MILLISECONDS = 1000;

/**
 * Before any work: that results can be written to a folder, which is made if needed.
 *
 * @throws FileError naming it
 */
export function requireWritableFolder(folder: string): void {
  try {
    requireWritable(path.join(folder, SCORES));
  } catch (error) {
    const { message: found } = (error as Error).cause as Error;
    throw new FileError(folder, 'a folder that can be written to', found, { cause: error });
  }
}

export interface JudgementFilesOptions {
  /** Goes on with the files that are there. */
  append?: boolean;
}

/**
 * The results of `stfpm predict` in a folder, written as they come: scores.csv for people and spreadsheets,
 * judgements.jsonl for programs, pictures in overlays/ and masks/ under the paths of their images.
 */
export class JudgementFiles {
  private readonly scores: LineFile;
  private readonly judgements: LineFile;
  /** Of each image, without ending, and who has which name: case and form aside, as some file systems do. */
  private readonly stems = new Map<string, string>();
  private readonly owners = new Map<string, string>();
  private flushedAt = performance.now();

  /** @param base what the images' paths are shown from: see `commonFolder` */
  constructor(
    readonly folder: string,
    private readonly base: string,
    { append = false }: JudgementFilesOptions = {},
  ) {
    const head = formatCsv([COLUMNS]);
    const file = path.join(folder, SCORES);
    if (append && fs.existsSync(file)) requireHead(file, head);
    this.scores = LineFile.open(file, { append });
    this.judgements = LineFile.open(path.join(folder, JUDGEMENTS), { append });
    if (this.scores.isEmpty) this.scores.write(head);
  }

  get names(): string[] {
    return [this.scores.file, this.judgements.file];
  }

  /** A line that says something else than what an image is. */
  note(record: object): void {
    this.judgements.write(`${JSON.stringify(record)}\n`);
  }

  add(record: ImageRecord): void {
    const { file, score, scoreOverThreshold, verdict, regions, overlay, mask, error } = record;
    const cells = [
      file,
      score ?? '',
      scoreOverThreshold ?? '',
      verdict ?? '',
      regions?.length ?? '',
      overlay ?? '',
      mask ?? '',
      error ?? '',
    ];
    this.scores.write(formatCsv([cells]));
    this.judgements.write(`${JSON.stringify(record)}\n`);
    if (performance.now() - this.flushedAt < FLUSH_MILLISECONDS) return;
    this.flush();
  }

  /** @returns its name, relative to the folder of the results */
  async addOverlay(image: { name: string; file: string }, overlay: RgbImage): Promise<string> {
    const name = path.join('overlays', `${this.stemOf(image)}.png`);
    await writePng(path.join(this.folder, name), overlay);
    return name;
  }

  /** Black, and white where a defect was found, in the picture's size. */
  async addMask(
    image: { name: string; file: string },
    { data, width, height }: Mask,
    picture: ImageSize,
  ): Promise<string> {
    const name = path.join('masks', `${this.stemOf(image)}.png`);
    const white = data.map((value) => 255 * value);
    const mask = loadSharp()(white, { raw: { width, height, channels: 1 } });
    const sized =
      width === picture.width && height === picture.height
        ? mask
        : mask.resize(picture.width, picture.height, { kernel: 'nearest', fit: 'fill' });
    const png = await sized.toColourspace('b-w').png().toBuffer();
    writeFileAtomic(path.join(this.folder, name), png);
    return name;
  }

  close(): void {
    try {
      this.flush();
    } finally {
      this.scores.close();
      this.judgements.close();
    }
  }

  private flush(): void {
    this.scores.flush();
    this.judgements.flush();
    this.flushedAt = performance.now();
  }

  /** Its path without the ending; with it where another image has that name. */
  private stemOf({ name, file }: { name: string; file: string }): string {
    const known = this.stems.get(name);
    if (known !== undefined) return known;
    // A name that could do something to a terminal gets no second life on the disk.
    const whole = printable(path.relative(this.base, file));
    const { dir, name: stem } = path.parse(whole);
    const candidates = [path.join(dir, stem), whole];
    for (let i = 2; ; i++) {
      const candidate = candidates.shift() ?? `${whole}-${i}`;
      const key = candidate.normalize('NFC').toLowerCase();
      if (this.owners.has(key)) continue;
      this.owners.set(key, name);
      this.stems.set(name, candidate);
      return candidate;
    }
  }
}

function requireHead(file: string, head: string): void {
  const refuse = (found: string, cause?: unknown) => {
    throw new FileError(file, 'scores with the columns that are written now', found, { cause });
  };
  const bytes = readHead(file, Buffer.byteLength(head), refuse);
  if (bytes.length > 0 && bytes.toString() !== head) refuse('other columns');
}

/** The innermost folder that all these files and folders lie in; of one folder, the folder itself. */
export function commonFolder(paths: readonly string[]): string {
  const folders = paths.map((name) => {
    const whole = path.resolve(name);
    return fs.statSync(whole, { throwIfNoEntry: false })?.isDirectory()
      ? whole
      : path.dirname(whole);
  });
  return folders.reduce((common, folder) => {
    let shared = common;
    while (shared !== folder && !folder.startsWith(shared.replace(/[/\\]?$/, path.sep))) {
      shared = path.dirname(shared);
    }
    return shared;
  });
}

/** Which files, in which version, earlier results in a folder have judged. */
export function judgedBefore(folder: string): Map<string, FileVersion> {
  const judged = new Map<string, FileVersion>();
  const file = path.join(folder, JUDGEMENTS);
  if (!fs.existsSync(file)) return judged;
  const lines = readLines(file, (found, cause) => {
    throw new FileError(file, 'the judgements of earlier results', found, { cause });
  });
  for (const line of lines) {
    let record: Partial<ImageRecord> | null;
    try {
      record = JSON.parse(line) as Partial<ImageRecord> | null;
    } catch {
      continue; // a line that a killed process cut short
    }
    const { type, file: name, size, modified } = record ?? {};
    // What is no version of a file is no reason to pass the file over.
    if (type !== 'image' || typeof name !== 'string') continue;
    if (!Number.isFinite(size) || !Number.isFinite(modified)) continue;
    judged.set(name, { size: size!, modified: modified! });
  }
  return judged;
}
