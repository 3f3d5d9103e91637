import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { WeightFileError } from './weight-file-error';
import { defaultWeightsCache, imagenetWeightsName } from './weights-cache';

export interface LocateTeacherOptions {
  /** A weight file named by the user. */
  file?: string;
  /** Default: the process's environment. */
  env?: Readonly<Record<string, string | undefined>>;
  /** Default: the user's cache folder. */
  cacheDir?: string;
}

export interface TeacherWeights {
  /** Absolute. */
  file: string;
  source: 'option' | 'environment' | 'cache';
}

/**
 * Finds the ImageNet weights for the teacher: the file given, else the one that the environment
 * variable RESNET18_WEIGHTS names, else the downloaded one in the cache. Null when there is none of
 * them. Nothing is read or downloaded.
 *
 * @throws WeightFileError when a file is named but not there
 */
export function locateTeacherWeights({
  file,
  env = process.env,
  cacheDir = defaultWeightsCache(),
}: LocateTeacherOptions = {}): TeacherWeights | null {
  if (file) return { file: requireFile(file, 'the teacher weights asked for'), source: 'option' };
  if (env.RESNET18_WEIGHTS) {
    const named = requireFile(
      env.RESNET18_WEIGHTS,
      'the teacher weights that the environment variable RESNET18_WEIGHTS names',
    );
    return { file: named, source: 'environment' };
  }
  const cached = path.resolve(cacheDir, imagenetWeightsName);
  return existsSync(cached) ? { file: cached, source: 'cache' } : null;
}

function requireFile(file: string, expected: string): string {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (!stat) throw new WeightFileError(file, expected, 'no such file');
  if (!stat.isFile()) throw new WeightFileError(file, expected, 'a folder, not a file');
  return path.resolve(file);
}
