import * as fs from 'fs';
import * as path from 'path';
import { FileError } from '../lib/files/file-error';
import type { ResultRecord } from './result-record';

/**
 * All records of finished runs in a folder, by name.
 *
 * @throws FileError naming the folder that is missing, or a file that is not such a record
 */
export function readResults(folder: string): ResultRecord[] {
  if (!fs.existsSync(folder)) throw new FileError(folder, 'a folder of results', 'none');
  return fs
    .readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => readResult(path.join(folder, name)));
}

function readResult(file: string): ResultRecord {
  let record: Partial<ResultRecord>;
  try {
    record = JSON.parse(fs.readFileSync(file, 'utf8')) as Partial<ResultRecord>;
  } catch (cause) {
    throw new FileError(file, 'JSON', 'something else', { cause });
  }
  if (!record.config || !record.metrics || !Array.isArray(record.loss)) {
    const expected = 'the record of a finished run (`stfpm evaluate --result`)';
    throw new FileError(file, expected, 'other JSON');
  }
  // Records from before there were other recipes and augmentation do not say.
  const config = { ...{ recipe: 'baseline' as const, augmentedImages: 0 }, ...record.config };
  return { ...record, config } as ResultRecord;
}
