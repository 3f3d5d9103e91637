import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import envPaths from 'env-paths';
import { writeFileAtomic } from '../files/atomic-write';
import { sha256OfFile } from '../files/sha256';
import { DownloadError, downloadFile } from './download';
import type { DownloadOptions } from './download';
import { WeightFileError } from './named-arrays';

/*
 * Where a teacher's weights come from: with the project, from a file that the user names, or
 * downloaded into the cache.
 */

/**
 * The teacher that comes with the project, for machines without ImageNet weights: a ResNet-18 backbone, distilled from
 * the ImageNet one. The model card beside the file says how it was made and how well it teaches.
 */
export const EMBEDDED_WEIGHTS = path.join(__dirname, 'embedded', 'resnet18-embedded.safetensors');

/** torchvision's ImageNet-1k weights of ResNet-18 (IMAGENET1K_V1). */
const imagenetWeights = {
  name: 'resnet18-f37072fd.pth',
  sha256: 'f37072fd47e89c5e827621c5baffa7500819f7896bbacec160b1a16c560e07ec',
} as const;

/** The file has 46.8 MB; a server that sends more sends something else. */
const maxDownloadBytes = 64 * 2 ** 20;

const torchServer = 'https://download.pytorch.org/models';

/** Where downloaded weights are kept: the user's cache folder of this platform. */
function defaultWeightsCache(): string {
  return path.join(envPaths('stfpm-lab', { suffix: '' }).cache, 'weights');
}

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
 * variable RESNET18_WEIGHTS names, else the downloaded one in the cache. Null when there is none.
 * Nothing is read or downloaded.
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
  const cached = path.resolve(cacheDir, imagenetWeights.name);
  return existsSync(cached) ? { file: cached, source: 'cache' } : null;
}

function requireFile(file: string, expected: string): string {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (!stat) throw new WeightFileError(file, expected, 'no such file');
  if (!stat.isFile()) throw new WeightFileError(file, expected, 'a folder, not a file');
  return path.resolve(file);
}

export interface ImagenetWeightsOptions extends Omit<DownloadOptions, 'sha256' | 'maxBytes'> {
  /** Default: the user's cache folder. */
  cacheDir?: string;
  /**
   * The address of the folder that holds the file. Default: the environment variable
   * RESNET18_WEIGHTS_URL, or PyTorch's server.
   */
  baseUrl?: string;
  /** Default: the SHA-256 of torchvision's file. */
  sha256?: string;
}

/**
 * torchvision's ImageNet weights of ResNet-18 (45 MB) from the cache, or downloaded to it, with
 * their SHA-256 verified. The sum is written beside the file too (`NAME.sha256`, as `sha256sum -c`
 * reads it).
 *
 * @throws DownloadError that says where to put the file by hand; WeightFileError when the
 *   cache holds a file with another checksum (it is left alone: it may have been put there by hand)
 */
export async function fetchImagenetWeights({
  cacheDir = defaultWeightsCache(),
  baseUrl = process.env.RESNET18_WEIGHTS_URL || torchServer,
  sha256 = imagenetWeights.sha256,
  ...options
}: ImagenetWeightsOptions = {}): Promise<{ file: string; sha256: string; downloaded: boolean }> {
  const { name } = imagenetWeights;
  const file = path.join(cacheDir, name);
  if (existsSync(file)) {
    const found = await sha256OfFile(file);
    if (found !== sha256) {
      throw new WeightFileError(
        file,
        `content with the SHA-256 ${sha256}`,
        `${found} (delete the file to have it downloaded anew)`,
      );
    }
    return { file, sha256, downloaded: false };
  }
  const url = `${baseUrl.replace(/\/+$/, '')}/${name}`;
  try {
    await downloadFile(url, file, { ...options, sha256, maxBytes: maxDownloadBytes });
    writeFileAtomic(`${file}.sha256`, `${sha256}  ${name}\n`);
    return { file, sha256, downloaded: true };
  } catch (error) {
    if (!(error instanceof DownloadError)) throw error;
    throw new DownloadError(
      error.url,
      `${error.reason}. To do without a download, get ${name} some other way and put it at ${file}, or name ` +
        'it in the environment variable RESNET18_WEIGHTS',
      { cause: error },
    );
  }
}
