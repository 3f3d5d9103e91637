import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Writes a notebook of code cells for the lab's kernel.
 *
 * @param parameters the cell whose values papermill replaces
 */
export function writeNotebook(file: string, cells: readonly string[], parameters?: number): void {
  const notebook = {
    cells: cells.map((source, i) => ({
      cell_type: 'code',
      execution_count: null,
      id: `cell-${i}`,
      metadata: i === parameters ? { tags: ['parameters'] } : {},
      outputs: [],
      source,
    })),
    metadata: {
      kernelspec: {
        display_name: 'TypeScript (STFPM lab)',
        language: 'typescript',
        name: 'stfpm-ts',
      },
    },
    nbformat: 4,
    nbformat_minor: 5,
  };
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(notebook, null, 1));
}
