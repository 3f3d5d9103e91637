// Values of other libraries, and of none, that a notebook's reader can see better than as text.

/** @typedef {Record<string, unknown>} Data by MIME type */

/** The method by which a value shows itself. */
const displaySymbol = Symbol.for('Jupyter.display');

/**
 * @param {unknown} value
 * @returns {Data | null} a MIME bundle of a PNG or JPEG file's bytes, of a specification of Vega-Lite, Vega or Plotly;
 *   null of anything else
 */
export function richData(value) {
  if (value instanceof Uint8Array) return pictureData(value);
  if (typeof value !== 'object' || value === null) return null;
  const { $schema, data, layout } = /** @type {Record<string, unknown>} */ (value);
  const grammar = /\/schema\/(vega|vega-lite)\/v\d/.exec(
    typeof $schema === 'string' ? $schema : '',
  )?.[1];
  if (grammar === 'vega-lite') {
    return { 'application/vnd.vegalite.v5+json': value, 'text/plain': 'Vega-Lite chart' };
  }
  if (grammar === 'vega')
    return { 'application/vnd.vega.v5+json': value, 'text/plain': 'Vega chart' };
  const isPlotly =
    Array.isArray(data) && data.length > 0 && data.every(isTrace) && isPlain(layout ?? {});
  return isPlotly
    ? { 'application/vnd.plotly.v1+json': value, 'text/plain': 'Plotly chart' }
    : null;
}

/** What makes an object a trace of Plotly's: a type that it knows, or the coordinates of its default. */
const traceTypes =
  /^(?:scatter|bar|pie|heatmap|contour|histogram|box|violin|surface|mesh|cone|image|table|sankey|sunburst|treemap|funnel|waterfall|indicator|candlestick|ohlc|parcoords|parcats|splom|isosurface|volume|streamtube|carpet|choropleth|icicle|density)/;

/** @param {unknown} trace */
function isTrace(trace) {
  if (!isPlain(trace)) return false;
  const { type, x, y, mode } = /** @type {Record<string, unknown>} */ (trace);
  if (typeof type === 'string') return traceTypes.test(type);
  return y !== undefined && (x !== undefined || mode !== undefined);
}

/** @param {unknown} value */
function isPlain(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * @param {Uint8Array} bytes
 * @returns {Data | null}
 */
function pictureData(bytes) {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = `${file.length} bytes`;
  if (file.length >= 24 && file.subarray(0, 8).toString('latin1') === '\x89PNG\r\n\x1a\n') {
    const [width, height] = [file.readUInt32BE(16), file.readUInt32BE(20)];
    return { 'image/png': bytes, 'text/plain': `PNG image, ${width} × ${height}, ${size}` };
  }
  if (file.length >= 4 && file.readUIntBE(0, 3) === 0xffd8ff) {
    return { 'image/jpeg': bytes, 'text/plain': `JPEG image, ${size}` };
  }
  return null;
}

/**
 * HTML that is shown as such, and not as a string: html`<b>${name}</b>` or html(text). What is put into a template is
 * text; its angle brackets are no tags unless it is HTML itself.
 *
 * @param {TemplateStringsArray | string} strings
 * @param {...unknown} values
 */
export function html(strings, ...values) {
  const text =
    typeof strings === 'string'
      ? strings
      : strings.reduce((all, string, i) => all + escaped(values[i - 1]) + string);
  return new Html(text);
}

class Html {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
  }

  toString() {
    return this.text;
  }

  [displaySymbol]() {
    return { 'text/html': this.text, 'text/plain': this.text };
  }
}

/**
 * @param {unknown} value
 * @returns {string}
 */
function escaped(value) {
  if (value instanceof Html) return value.text;
  if (Array.isArray(value)) return value.map(escaped).join('');
  return String(value).replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
