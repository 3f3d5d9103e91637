import writeFileAtomic from 'write-file-atomic';
import type { ImageResult } from './evaluation';

/**
 * The image scores as CSV with the columns file, label and score: one line an image, ended by a
 * line feed; fields are quoted as in RFC 4180 where needed. Scores have all the digits that it
 * takes to read back the same number.
 */
export function formatScoresCsv(
  results: readonly Pick<ImageResult, 'file' | 'label' | 'score'>[],
): string {
  const rows = results.map(({ file, label, score }) => [file, label, score]);
  return [['file', 'label', 'score'], ...rows]
    .map((fields) => `${fields.map((field) => quoted(`${field}`)).join(',')}\n`)
    .join('');
}

/** Writes the image scores as CSV (see `formatScoresCsv`): the whole file or nothing. */
export async function writeScoresCsv(
  file: string,
  results: readonly Pick<ImageResult, 'file' | 'label' | 'score'>[],
): Promise<void> {
  await writeFileAtomic(file, formatScoresCsv(results));
}

function quoted(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replace(/"/g, '""')}"` : field;
}
