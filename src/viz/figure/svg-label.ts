import { escapeXml } from '../text/escape-xml';
import { fitText, textWidth } from '../text/text-width';
import { FONT_FAMILY } from '../text/font';

/** Where and how a label stands; positions and sizes in CSS pixels. */
export interface LabelPlace {
  x: number;
  /** The baseline; for a rotated label the middle of its line. */
  y: number;
  size: number;
  /** The label is shortened where it would be longer. */
  maxWidth: number;
  /** Letters that it is set in rather than be shortened. Default `size`. */
  minSize?: number;
  bold?: boolean;
  anchor?: 'start' | 'middle' | 'end';
  /** Reads from bottom to top, centred on (x, y). */
  rotated?: boolean;
  colour?: string;
}

/** A line of text as an SVG element. */
export function svgLabel(text: string, place: LabelPlace): string {
  const { x, y, maxWidth, bold = false, rotated = false, colour = '#222' } = place;
  const fitting = Math.floor((place.size * maxWidth) / textWidth(text, place.size, bold));
  const size = Math.min(place.size, Math.max(place.minSize ?? place.size, fitting));
  const anchor = rotated ? 'middle' : (place.anchor ?? 'middle');
  // The middle of the letters lies about .36 of the font size above the baseline.
  const position = rotated
    ? `transform="translate(${x + 0.36 * size} ${y}) rotate(-90)"`
    : `x="${x}" y="${y}"`;
  return (
    `<text ${position} text-anchor="${anchor}" font-family="${FONT_FAMILY}" font-size="${size}"` +
    `${bold ? ' font-weight="bold"' : ''} fill="${colour}">` +
    `${escapeXml(fitText(text, maxWidth, size, bold))}</text>`
  );
}
