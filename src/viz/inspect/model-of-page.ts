import { gunzipSync } from 'node:zlib';
import { FileError } from '../../lib/files/file-error';
import { unpackModel } from '../../lib/onnx/unpack-model';
import { fromBase85 } from './base85';
import type { InspectedDetector } from './inspect-page';

/** What a page of `stfpm export --html` judges by. */
export interface ModelOfPage {
  /** The ONNX file that it makes of what it holds. */
  model: Uint8Array;
  detector: InspectedDetector;
}

/**
 * The detector inside a page, as the page itself reads it.
 *
 * @param file what errors call it
 * @throws FileError when it is another page, or was changed
 */
export function modelOfPage(html: Buffer, file: string): ModelOfPage {
  const expected = 'a page that `stfpm export --html` wrote';
  const textOf = (id: string) => {
    const begin = html.indexOf(`id="${id}">`);
    const end = html.indexOf('</script>', begin);
    if (begin < 0 || end < 0) throw new FileError(file, expected, 'another one, or cut short');
    return html.toString('latin1', begin + `id="${id}">`.length, end);
  };
  try {
    // Written in ASCII: everything else is escaped.
    const detector = JSON.parse(textOf('detector')) as InspectedDetector;
    const content = gunzipSync(fromBase85(textOf('model'), detector.model.deflated));
    return { model: unpackModel(detector.model, content), detector };
  } catch (cause) {
    if (cause instanceof FileError) throw cause;
    const found = `one that was changed: ${(cause as Error).message}`;
    throw new FileError(file, expected, found, { cause });
  }
}
