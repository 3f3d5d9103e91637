import { writeFileAtomic } from '../files/atomic-write';
import type { ImageResult } from './evaluate-maps';

/**
 * Rows as comma-separated values: each line ended by a line feed, fields quoted as in RFC 4180 where needed. Numbers
 * have all the digits that it takes to read back the same number.
 */
export function formatCsv(rows: readonly (readonly (string | number)[])[]): string {
  return rows.map((fields) => `${fields.map((field) => quoted(`${field}`)).join(',')}\n`).join('');
}

function quoted(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replace(/"/g, '""')}"` : field;
}

/**
 * The image scores as CSV (see `formatCsv`) with the columns file, label and score: one line per
 * image.
 */
export function formatScoresCsv(
  results: readonly Pick<ImageResult, 'file' | 'label' | 'score'>[],
): string {
  const rows = results.map(({ file, label, score }) => [file, label, score]);
  return formatCsv([['file', 'label', 'score'], ...rows]);
}

/** Writes the image scores as CSV (see `formatScoresCsv`): the whole file or nothing. */
export async function writeScoresCsv(
  file: string,
  results: readonly Pick<ImageResult, 'file' | 'label' | 'score'>[],
): Promise<void> {
  writeFileAtomic(file, formatScoresCsv(results));
}
