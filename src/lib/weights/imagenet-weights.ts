import { existsSync } from 'node:fs';
import path from 'node:path';
import { writeFileAtomic } from '../files/atomic-write';
import { DownloadError, downloadFile, type DownloadOptions } from './download-file';
import { sha256OfFile } from './sha256-file';
import { WeightFileError } from './weight-file-error';
import { defaultWeightsCache, imagenetWeightsName } from './weights-cache';

export interface ImagenetWeightsOptions extends Omit<DownloadOptions, 'sha256Prefix'> {
  /** Default: the user's cache folder. */
  cacheDir?: string;
  /**
   * The address of the folder that holds the file. Default: the environment variable
   * RESNET18_WEIGHTS_URL, or PyTorch's server.
   */
  baseUrl?: string;
  /** The file's name, with the first digits of its SHA-256 as torch hub has them. */
  name?: string;
}

const torchServer = 'https://download.pytorch.org/models';

/**
 * torchvision's ImageNet weights of ResNet-18 (45 MB) from the cache, or downloaded to it. The
 * content's SHA-256 must begin with the digits in the file's name, which is the check of torch hub;
 * the full sum is written beside it (`NAME.sha256`, as `sha256sum -c` reads it).
 *
 * @throws DownloadError with a word on where to put the file by hand; WeightFileError when the
 *   cache holds a file with another checksum (it is left alone: it may have been put there by hand)
 */
export async function fetchImagenetWeights({
  cacheDir = defaultWeightsCache(),
  baseUrl = process.env.RESNET18_WEIGHTS_URL || torchServer,
  name = imagenetWeightsName,
  ...options
}: ImagenetWeightsOptions = {}): Promise<{ file: string; sha256: string; downloaded: boolean }> {
  const sha256Prefix = /-([0-9a-f]{8,64})\./.exec(name)?.[1];
  if (sha256Prefix === undefined) {
    throw new Error(`expected a file name with a checksum (name-0123abcd.pth), found "${name}"`);
  }
  const file = path.join(cacheDir, name);
  if (existsSync(file)) {
    const sha256 = await sha256OfFile(file);
    if (!sha256.startsWith(sha256Prefix)) {
      throw new WeightFileError(
        file,
        `content whose SHA-256 begins with ${sha256Prefix}`,
        `${sha256} (delete the file to have it downloaded anew)`,
      );
    }
    return { file, sha256, downloaded: false };
  }
  const url = `${baseUrl.replace(/\/+$/, '')}/${name}`;
  try {
    const sha256 = await downloadFile(url, file, { ...options, sha256Prefix });
    writeFileAtomic(`${file}.sha256`, `${sha256}  ${name}\n`);
    return { file, sha256, downloaded: true };
  } catch (error) {
    if (!(error instanceof DownloadError)) throw error;
    throw new DownloadError(
      error.url,
      `${error.reason}. To do without, get ${name} some other way and put it at ${file}, or name ` +
        'it in the environment variable RESNET18_WEIGHTS',
      { cause: error },
    );
  }
}
