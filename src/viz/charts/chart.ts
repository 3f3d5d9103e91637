import path from 'node:path';
import type { OutputInfo } from 'sharp';
import type { TopLevelSpec } from 'vega-lite';
import { loadSharp } from '../../lib/data/sharp';
import { writeFileAtomic } from '../../lib/files/atomic-write';
import {
  DISPLAY_METADATA,
  JUPYTER_DISPLAY,
  type MimeBundle,
  type MimeMetadata,
} from '../display/mime-bundle';
import { prepareFont } from '../text/font';
import { renderSvg } from './render-svg';
import { theme } from './theme';

/** Pixels of a chart's PNG per CSS pixel, by default. */
const PIXEL_RATIO = 2;

/**
 * A chart in all its forms. In a notebook JupyterLab draws the Vega-Lite specification; programs
 * that cannot show the PNG.
 */
export class Chart {
  private constructor(
    /** The Vega-Lite 5 specification, complete with data and house style. */
    readonly spec: TopLevelSpec,
    /** What the chart shows, in words. */
    readonly alt: string,
    private readonly svg: string,
    /** The chart as PNG, two pixels per CSS pixel. */
    readonly png: Buffer,
    /** Size of the whole chart in CSS pixels. */
    readonly width: number,
    readonly height: number,
  ) {}

  /** Adds the house style to a specification and draws it. */
  static async from(plain: TopLevelSpec, alt: string): Promise<Chart> {
    const spec = {
      $schema: 'https://vega.github.io/schema/vega-lite/v5.json',
      description: alt,
      ...plain,
      config: theme,
    } as TopLevelSpec;
    const svg = await renderSvg(spec);
    const { data, info } = await rasterise(svg, PIXEL_RATIO);
    const width = Math.round(info.width / PIXEL_RATIO);
    return new Chart(spec, alt, svg, data, width, Math.round(info.height / PIXEL_RATIO));
  }

  toSvg(): string {
    return this.svg;
  }

  /** @param pixelRatio pixels per CSS pixel; 4 is about 400 dpi at the size of a column */
  async toPng(pixelRatio = PIXEL_RATIO): Promise<Buffer> {
    return pixelRatio === PIXEL_RATIO ? this.png : (await rasterise(this.svg, pixelRatio)).data;
  }

  /** Writes the chart as .png, .svg or .json (Vega-Lite), as the name says; returns the absolute path. */
  async save(file: string): Promise<string> {
    const target = path.resolve(file);
    writeFileAtomic(target, this.encode(target));
    return target;
  }

  private encode(file: string): string | Buffer {
    switch (path.extname(file)) {
      case '.png':
        return this.png;
      case '.svg':
        return this.svg;
      case '.json':
        return `${JSON.stringify(this.spec, null, 2)}\n`;
      default:
        throw new Error(`${file}: expected a chart's file to end in .png, .svg or .json`);
    }
  }

  [JUPYTER_DISPLAY](): MimeBundle {
    return {
      'application/vnd.vegalite.v5+json': this.spec,
      'image/png': this.png.toString('base64'),
      'text/plain': this.alt,
    };
  }

  [DISPLAY_METADATA](): MimeMetadata {
    return { 'image/png': { width: this.width, height: this.height } };
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `Chart ${this.width} x ${this.height}: ${this.alt}`;
  }
}

async function rasterise(
  svg: string,
  pixelRatio: number,
): Promise<{ data: Buffer; info: OutputInfo }> {
  await prepareFont();
  const sharp = loadSharp();
  return sharp(Buffer.from(svg), { density: 72 * pixelRatio })
    .flatten({ background: '#fff' })
    .png({ compressionLevel: 9, palette: true, quality: 100 })
    .toBuffer({ resolveWithObject: true });
}
