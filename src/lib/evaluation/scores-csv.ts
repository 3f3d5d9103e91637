import { writeFileAtomic } from '../files/atomic-write';
import { formatCsv } from './csv';
import type { ImageResult } from './evaluation';

/**
 * The image scores as CSV (see `formatCsv`) with the columns file, label and score: one line an
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
