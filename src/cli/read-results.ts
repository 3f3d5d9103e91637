import * as fs from 'fs';
import * as path from 'path';
import type { ResultRecord } from './result-record';

/**
 * All records of finished runs in a folder, by name.
 *
 * @throws Error naming a file that is not such a record
 */
export function readResults(folder: string): ResultRecord[] {
  if (!fs.existsSync(folder))
    throw new Error(`${folder}: expected a folder of results, found none.`);
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
    throw new Error(`${file}: expected JSON, found something else.`, { cause });
  }
  if (!record.config || !record.metrics || !Array.isArray(record.loss)) {
    throw new Error(
      `${file}: expected the record of a finished run (\`stfpm evaluate --result\`), found other JSON.`,
    );
  }
  // Records from before there were other recipes and augmentation do not say.
  const config = { ...{ recipe: 'baseline' as const, augmentedImages: 0 }, ...record.config };
  return { ...record, config } as ResultRecord;
}
