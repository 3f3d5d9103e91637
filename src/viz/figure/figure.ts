import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  DISPLAY_METADATA,
  JUPYTER_DISPLAY,
  type MimeBundle,
  type MimeMetadata,
} from '../notebook/mime-bundle';

/** A finished picture: shown in a notebook as it is, saved to a file for print. */
export class Figure {
  /**
   * @param width width to show the picture at, in CSS pixels
   * @param height height to show it at, in CSS pixels
   * @param png the encoded picture; it has `scale` times as many pixels each way
   * @param alt what the picture shows, in words
   */
  constructor(
    readonly width: number,
    readonly height: number,
    readonly png: Buffer,
    readonly alt: string,
  ) {}

  /** Writes the PNG file, making its folder if needed, and returns the absolute path. */
  async save(file: string): Promise<string> {
    const target = path.resolve(file);
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, this.png);
    return target;
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
