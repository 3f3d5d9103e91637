import path from 'node:path';
import { root } from '../setup/paths.mjs';

/** Where Jupyter started the kernel: the notebook's folder. */
const folder = process.cwd();

/** Where relative imports of a cell begin: the notebook's folder, and where nothing is found there, the checkout. */
export const folders = [...new Set([folder, root])];

/** The notebook's path. Jupyter tells it as far as it knows it, in one way or another. */
export const notebook = path.join(
  folder,
  path.basename(process.env.JPY_SESSION_NAME ?? 'notebook.ipynb'),
);
