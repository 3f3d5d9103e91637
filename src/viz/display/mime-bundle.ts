/**
 * One result in several formats, richest first to choose by the reader's program. HTML and SVG are
 * left out on purpose: notebooks prefer HTML over Vega and drop SVG where the notebook is untrusted.
 */
export interface MimeBundle {
  'text/plain': string;
  'text/markdown'?: string;
  /** Base64. */
  'image/png'?: string;
  'application/vnd.vegalite.v5+json'?: object;
  'application/vnd.plotly.v1+json'?: object;
  /** Where there are widgets it is shown, and nothing else of the bundle. */
  'application/vnd.jupyter.widget-view+json'?: object;
}

/** Notes to a bundle by MIME type; for a picture the size to show it at, in CSS pixels. */
export interface MimeMetadata {
  'image/png'?: { width: number; height: number };
}

/** The method by which an object shows itself in a notebook; the convention of Deno's kernel. */
export const JUPYTER_DISPLAY: unique symbol = Symbol.for('Jupyter.display');

/** The method that gives the metadata to go with the bundle. */
export const DISPLAY_METADATA: unique symbol = Symbol.for('stfpm.display.metadata');

/** An object that shows itself in a notebook. */
export interface Displayable {
  [JUPYTER_DISPLAY](): MimeBundle | Promise<MimeBundle>;
  [DISPLAY_METADATA]?(): MimeMetadata;
}

/** Whether an object shows itself in a notebook. */
export function isDisplayable(object: unknown): object is Displayable {
  return (
    typeof object === 'object' &&
    object !== null &&
    typeof (object as Partial<Displayable>)[JUPYTER_DISPLAY] === 'function'
  );
}
