import type { Data, Layout } from 'plotly.js-dist';
import { DISPLAY_METADATA, JUPYTER_DISPLAY } from '../display/mime-bundle';
import type { MimeBundle, MimeMetadata } from '../display/mime-bundle';
import type { Figure } from '../figure/figure';

/** A figure as Plotly takes it: plain data, which can be written as JSON. */
export interface PlotlySpec {
  data: Partial<Data>[];
  layout: Partial<Layout>;
}

/** An interactive view for JupyterLab; programs that cannot show it show the picture. */
export class PlotlyView {
  constructor(
    readonly spec: PlotlySpec,
    /** What the view shows, in words. */
    readonly alt: string,
    /** The view as it stands, drawn without a browser. */
    readonly picture: Figure,
  ) {}

  [JUPYTER_DISPLAY](): MimeBundle {
    return {
      ...this.picture[JUPYTER_DISPLAY](),
      'application/vnd.plotly.v1+json': this.spec,
      'text/plain': this.alt,
    };
  }

  [DISPLAY_METADATA](): MimeMetadata {
    return this.picture[DISPLAY_METADATA]();
  }
}

/** A matrix as plotly.js reads it from JSON: in base64, of half the size of its digits, and on one line. */
export interface EncodedRows {
  dtype: 'f4' | 'u1';
  bdata: string;
  /** "rows, columns" */
  shape: string;
}

/** @param values row-major `[height, width]` */
export function encodedRows(
  values: Float32Array | Uint8Array,
  { width, height }: { width: number; height: number },
): EncodedRows {
  return {
    dtype: values instanceof Float32Array ? 'f4' : 'u1',
    bdata: Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64'),
    shape: `${height}, ${width}`,
  };
}

/** A colour map's table of 256 RGB entries in Plotly's form, every 15th entry: Plotly blends between them. */
export function colourScale(table: Uint8Array): [number, string][] {
  return Array.from({ length: 18 }, (_, i) => {
    const entry = 15 * i;
    return [entry / 255, `rgb(${table.subarray(3 * entry, 3 * entry + 3).join(',')})`];
  });
}

/** A number with four digits, which is more than a colour shows, for short JSON. */
export function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
