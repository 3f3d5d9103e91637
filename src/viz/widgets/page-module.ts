import path from 'node:path';
import { bundlePage } from '../page/bundle-page';
import { readTextFile } from '../../lib/files/read-file';

// Read and bundled when a widget is shown: where there are no widgets neither is needed.

/**
 * A widget's side in the page as one JavaScript module.
 * @param name of the file `NAME.page.mts` beside this one
 */
export function pageModule(name: string): string {
  return bundlePage(path.join(__dirname, `${name}.page.mts`));
}

/** The style of the lab's widgets. */
export function pageStyle(): string {
  return readTextFile(path.join(__dirname, 'widgets.css'), 'a part of the lab');
}
