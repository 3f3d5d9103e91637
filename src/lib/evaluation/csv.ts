import { writeFileAtomic } from '../files/atomic-write';
import { printable } from '../text/printable';
import type { ImageResult } from './evaluate-maps';

/**
 * Rows as comma-separated values: each line ended by a line feed, fields quoted as in RFC 4180 where needed. Numbers
 * have all the digits that it takes to read back the same number. In texts, which may be names of files from anywhere,
 * control characters are written as escapes, and one that a spreadsheet would run as a formula begins with an apostrophe,
 * which makes it a text there.
 */
export function formatCsv(rows: readonly (readonly (string | number)[])[]): string {
  return rows.map((fields) => `${fields.map(cell).join(',')}\n`).join('');
}

function cell(field: string | number): string {
  if (typeof field === 'number') return `${field}`;
  const text = printable(field);
  const harmless = /^[=+\-@]/.test(text) ? `'${text}` : text;
  return /[",]/.test(harmless) ? `"${harmless.replace(/"/g, '""')}"` : harmless;
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
