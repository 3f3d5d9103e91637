import * as fs from 'fs';
import * as path from 'path';

/**
 * A text file that grows line by line, for results that are to be kept although the work may be stopped. At any time it
 * holds whole lines only: of what does not fit on a full disk nothing stays.
 */
export class LineFile {
  private end: number;

  private constructor(
    readonly file: string,
    private readonly descriptor: number,
  ) {
    this.end = fs.fstatSync(descriptor).size;
  }

  /**
   * @param append keep the lines that are there; else the file begins anew
   * @throws Error naming the file, when it cannot be written or is no regular file
   */
  static open(file: string, { append = false } = {}): LineFile {
    return named(file, () => {
      const old = fs.statSync(file, { throwIfNoEntry: false });
      if (old && !old.isFile()) throw new Error('expected a file, found something else');
      fs.mkdirSync(path.dirname(file), { recursive: true });
      const { O_WRONLY, O_CREAT, O_APPEND, O_TRUNC } = fs.constants;
      const flags = O_WRONLY | O_CREAT | O_APPEND | (append ? 0 : O_TRUNC);
      return new LineFile(file, fs.openSync(file, flags));
    });
  }

  /** Nothing is in it yet. */
  get isEmpty(): boolean {
    return this.end === 0;
  }

  /**
   * @param text one line or several, each with its line feed
   * @throws Error naming the file, when the disk is full; the lines before stay
   */
  write(text: string): void {
    const bytes = Buffer.from(text);
    named(this.file, () => {
      try {
        for (let done = 0; done < bytes.length;) {
          done += fs.writeSync(this.descriptor, bytes, done);
        }
      } catch (error) {
        fs.ftruncateSync(this.descriptor, this.end);
        throw error;
      }
    });
    this.end += bytes.length;
  }

  /** To the disk, so that a power failure takes nothing of it. */
  flush(): void {
    named(this.file, () => fs.fdatasyncSync(this.descriptor));
  }

  close(): void {
    fs.closeSync(this.descriptor);
  }
}

function named<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new Error(`${file}: could not be written: ${(cause as Error).message}`, { cause });
  }
}
