import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { writeFileAtomic } from '../../files/atomic-write';
import { DatasetError } from '../dataset-error';
import { describeFolder, readFolder } from '../read-folder';

/** What a folder of synthetic images was made with. */
export interface SyntheticSettings {
  seed: number;
  /** Side of the images in pixels. */
  size: number;
  trainCount: number;
  testGoodCount: number;
  testPerDefect: number;
}

/** Increases whenever the renderer draws anything differently. */
const RENDERER = 2;
const MANIFEST = 'synthetic.json';

const README = `Synthetic images for anomaly detection
======================================

Every picture in this folder is rendered by a program from a seed (see ${MANIFEST}).
None is a photograph, and none is part of MVTec AD or made from it. Only the layout
of the folders and the names of the categories and defects follow that data set, so
that tools for the one read the other:

  <category>/train/good/000.png                 without defects, to train on
  <category>/test/good/000.png                  without defects, to test on
  <category>/test/<defect>/000.png              with a defect
  <category>/ground_truth/<defect>/000_mask.png where it is: 255, elsewhere 0
`;

const LICENSE = `To the extent possible under law, the makers of these synthetic images have waived
all copyright and related rights to them: CC0 1.0 Universal,
https://creativecommons.org/publicdomain/zero/1.0/
`;

const TEXTS = { 'README.txt': README, 'LICENSE.txt': LICENSE };

/**
 * Makes a folder ready for synthetic images with these settings: a new or empty one, or one that
 * already holds images made with the same. Images by an older renderer are removed. Wherever a call
 * is interrupted, a later one goes on.
 *
 * @throws DatasetError when the folder holds anything else: nothing is mixed into real data
 */
export function prepareSyntheticFolder(folder: string, settings: SyntheticSettings): void {
  const expected = `a new or empty folder, or synthetic images made with ${JSON.stringify(settings)}`;
  const manifest = join(folder, MANIFEST);
  if (existsSync(manifest)) {
    const { renderer, ...found } = readManifest(manifest, folder, expected);
    if (!isDeepStrictEqual(found, settings)) {
      throw new DatasetError(
        folder,
        expected,
        `synthetic images made with ${JSON.stringify(found)}`,
      );
    }
    if (renderer !== RENDERER) {
      removeImages(folder);
      writeManifest(manifest, settings);
    }
  } else {
    if (existsSync(folder)) {
      const found = describeFolder(folder);
      if (found !== 'an empty folder') throw new DatasetError(folder, expected, found);
    }
    // First of all, and in one step: it says that the folder is ours.
    writeManifest(manifest, settings);
  }
  for (const [name, text] of Object.entries(TEXTS)) {
    const file = join(folder, name);
    if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileAtomic(file, text);
  }
}

function readManifest(
  manifest: string,
  folder: string,
  expected: string,
): SyntheticSettings & { renderer: number } {
  try {
    return { ...JSON.parse(readFileSync(manifest, 'utf8')) };
  } catch {
    throw new DatasetError(folder, expected, `an unreadable ${MANIFEST}`);
  }
}

function writeManifest(manifest: string, settings: SyntheticSettings): void {
  const content = { ...settings, renderer: RENDERER };
  writeFileAtomic(manifest, JSON.stringify(content, null, 2) + '\n');
}

function removeImages(folder: string): void {
  for (const category of readFolder(folder).folders) {
    for (const part of ['train', 'test', 'ground_truth']) {
      rmSync(join(folder, category, part), { recursive: true, force: true });
    }
  }
}
