import * as fs from 'fs';
import { setTimeout as sleep } from 'timers/promises';
import { imagesToJudge } from './images-to-judge';
import type { FoundImages, ImageToJudge } from './images-to-judge';

/** A file as it was when it was looked at: another size or time, and it is to be judged again. */
export interface FileVersion {
  size: number;
  /** Milliseconds since 1970. */
  modified: number;
}

/** An image that has arrived, whole. */
export type ArrivedImage = ImageToJudge & FileVersion;

/** Folders are looked through this often: what notifies of changes does not work on every disk of a network. */
const MILLISECONDS = 500;

/** An empty file may be one that a camera has only just begun. */
const LOOKS_AT_AN_EMPTY_FILE = 20;

export interface WatchOptions {
  signal: AbortSignal;
  /** A folder that is left out: where the results go. */
  except?: string;
  /** Files that need not be judged, as they were then. */
  known?: ReadonlyMap<string, FileVersion>;
}

/**
 * The images in folders: those that are there, and then, without an end, those that come. A file is whole when nothing has
 * changed between two looks at it; one that changes later is judged again.
 *
 * @returns what has come since the last time, with the files that are passed over
 * @throws the signal's reason; FileError when a folder is gone
 */
export async function* watchFolders(
  folders: readonly string[],
  { signal, except, known = new Map() }: WatchOptions,
): AsyncGenerator<{ images: ArrivedImage[]; passedOver: string[] }> {
  const judged = new Map<string, FileVersion>(known);
  const seen = new Map<string, FileVersion & { looks: number }>();
  const passed = new Set<string>();
  for (;;) {
    const found = imagesToJudge(folders, except);
    const images = found.images.flatMap((image) => arrived(image, seen, judged) ?? []);
    const passedOver = found.passedOver.filter((name) => !passed.has(name));
    for (const name of passedOver) passed.add(name);
    forget(found, seen);
    if (images.length > 0 || passedOver.length > 0) yield { images, passedOver };
    await sleep(MILLISECONDS, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

function arrived(
  image: ImageToJudge,
  seen: Map<string, FileVersion & { looks: number }>,
  judged: Map<string, FileVersion>,
): ArrivedImage | null {
  const stat = fs.statSync(image.file, { throwIfNoEntry: false });
  const version = { size: stat?.size ?? 0, modified: Math.round(stat?.mtimeMs ?? 0) };
  if (isSame(judged.get(image.name), version)) return null;
  const before = seen.get(image.name);
  const looks = before && isSame(before, version) ? before.looks + 1 : 1;
  seen.set(image.name, { ...version, looks });
  const isWhole = looks > 1 && (version.size > 0 || looks > LOOKS_AT_AN_EMPTY_FILE);
  if (!isWhole && !image.error) return null;
  judged.set(image.name, version);
  seen.delete(image.name);
  return { ...image, ...version };
}

function isSame(one: FileVersion | undefined, other: FileVersion): boolean {
  return one?.size === other.size && one.modified === other.modified;
}

/** Files that are gone before they were whole. */
function forget({ images }: FoundImages, seen: Map<string, unknown>): void {
  const names = new Set(images.map(({ name }) => name));
  for (const name of seen.keys()) if (!names.has(name)) seen.delete(name);
}
