import path from 'node:path';
import type { RgbImage } from '../../lib/data/image';
import type { Figure } from './figure';
import { panelGrid } from './panel-grid';

/** A picture of a data set, with why a person should look at it. */
export interface SheetImage {
  image: RgbImage;
  /** Its path. */
  name: string;
  /** What it is for: a row's label, such as "train". */
  kind: string;
  /** For example "blurred"; empty for an ordinary picture. */
  reasons: readonly string[];
}

export interface ContactSheetOptions {
  title?: string;
  /** Images in a row. Default 6. */
  perRow?: number;
}

/**
 * Pictures of a data set at a glance: first those that stand out, each with the reason, then the others by what they are for.
 *
 * @throws RangeError if there is no image
 */
export function contactSheet(
  images: readonly SheetImage[],
  { title, perRow = 6 }: ContactSheetOptions = {},
): Promise<Figure> {
  const odd = images.filter(({ reasons }) => reasons.length > 0);
  const plain = images.filter(({ reasons }) => reasons.length === 0);
  const kinds = [...new Set(plain.map(({ kind }) => kind))];
  const sections = [
    ['to look at', odd] as const,
    ...kinds.map((kind) => [kind, plain.filter((image) => image.kind === kind)] as const),
  ];
  const rows = sections.flatMap(([label, section]) =>
    Array.from({ length: Math.ceil(section.length / perRow) }, (_, row) => ({
      label,
      panels: Array.from({ length: perRow }, (_, column) => {
        const image = section[row * perRow + column];
        return image ? { image: image.image, caption: caption(image) } : null;
      }),
    })),
  );
  return panelGrid([{ rows }], {
    title,
    panelWidth: 150,
    pixelRatio: 1,
    alt:
      `${title ?? 'Contact sheet'}: ${images.length} images, ` +
      (odd.length > 0 ? `of which ${odd.map(caption).join('; ')} stand out.` : 'none stands out.'),
  });
}

function caption({ name, reasons }: SheetImage): string {
  const file = path.posix.basename(name);
  return reasons.length > 0 ? `${file}: ${reasons.join(', ')}` : file;
}
