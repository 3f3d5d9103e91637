import path from 'node:path';
import { writeFileAtomic } from '../../lib/files/atomic-write';
import {
  DISPLAY_METADATA,
  JUPYTER_DISPLAY,
  type MimeBundle,
  type MimeMetadata,
} from '../display/mime-bundle';

/** A finished picture: shown in a notebook as it is, saved to a file for print or the web. */
export class Figure {
  /**
   * @param width width to show the picture at, in CSS pixels
   * @param height height to show it at, in CSS pixels
   * @param png the encoded picture; it has `scale` times as many pixels each way
   * @param alt what the picture shows, in words
   * @param drawSvg the same picture with labels and outlines as vectors, drawn when it is asked for
   */
  constructor(
    readonly width: number,
    readonly height: number,
    readonly png: Buffer,
    readonly alt: string,
    private readonly drawSvg: () => Promise<string>,
  ) {}

  /** The picture as SVG: labels, outlines and arrows stay sharp at any size. */
  toSvg(): Promise<string> {
    return this.drawSvg();
  }

  /** Writes the picture as .png or .svg, as the name says; returns the absolute path. */
  async save(file: string): Promise<string> {
    const target = path.resolve(file);
    writeFileAtomic(target, await this.encode(target));
    return target;
  }

  private encode(file: string): Buffer | Promise<string> {
    switch (path.extname(file)) {
      case '.png':
        return this.png;
      case '.svg':
        return this.toSvg();
      default:
        throw new Error(`${file}: expected a figure's file to end in .png or .svg`);
    }
  }

  [JUPYTER_DISPLAY](): MimeBundle {
    return { 'image/png': this.png.toString('base64'), 'text/plain': this.alt };
  }

  [DISPLAY_METADATA](): MimeMetadata {
    return { 'image/png': { width: this.width, height: this.height } };
  }

  /** What a console or a kernel without rich results prints: the text, not the bytes. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `Figure ${this.width} x ${this.height}: ${this.alt}`;
  }
}
