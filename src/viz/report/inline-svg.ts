/**
 * An SVG's text for a page with other SVGs: its ids, by which it refers to its own parts, get the
 * prefix, so that no two drawings on a page share one.
 */
export function inlineSvg(svg: string, prefix: string): string {
  return svg
    .replace(/\bid="([^"]+)"/g, `id="${prefix}$1"`)
    .replace(/url\((['"]?)#/g, `url($1#${prefix}`)
    .replace(/\b((?:xlink:)?href)="#/g, `$1="#${prefix}`);
}
