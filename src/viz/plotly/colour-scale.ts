/** A colour map's table of 256 RGB entries in Plotly's form, every 15th entry: it blends between them. */
export function colourScale(table: Uint8Array): [number, string][] {
  return Array.from({ length: 18 }, (_, i) => {
    const entry = 15 * i;
    return [entry / 255, `rgb(${table.subarray(3 * entry, 3 * entry + 3).join(',')})`];
  });
}
