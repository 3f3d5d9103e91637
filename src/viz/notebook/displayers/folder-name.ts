import path from 'node:path';

/** A folder for a notebook that others read: from the working directory, or its own name alone. */
export function folderName(folder: string): string {
  const relative = path.relative(process.cwd(), folder);
  const isInside = relative !== '' && !relative.startsWith('..') && !path.isAbsolute(relative);
  return isInside ? relative : path.basename(folder);
}
