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
   * @param append keep the lines that are there, but for a last one that a killed process cut short; else the file
   *   begins anew
   * @throws Error naming the file, when it cannot be written or is no regular file
   */
  static open(file: string, { append = false } = {}): LineFile {
    return named(file, () => {
      const old = fs.statSync(file, { throwIfNoEntry: false });
      if (old && !old.isFile()) throw new Error('expected a file, found something else');
      fs.mkdirSync(path.dirname(file), { recursive: true });
      const { O_RDWR, O_CREAT, O_APPEND, O_TRUNC } = fs.constants;
      const flags = O_RDWR | O_CREAT | O_APPEND | (append ? 0 : O_TRUNC);
      const descriptor = fs.openSync(file, flags);
      fs.ftruncateSync(descriptor, endOfLines(descriptor));
      return new LineFile(file, descriptor);
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

/** Where the last whole line ends: whatever is added to a part of one would be lost with it. */
function endOfLines(descriptor: number): number {
  const bytes = Buffer.alloc(2 ** 16);
  for (let end = fs.fstatSync(descriptor).size; end > 0;) {
    const start = Math.max(0, end - bytes.length);
    const count = fs.readSync(descriptor, bytes, 0, end - start, start);
    const last = bytes.subarray(0, count).lastIndexOf('\n');
    if (last >= 0) return start + last + 1;
    end = start;
  }
  return 0;
}

function named<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new Error(`${file}: could not be written: ${(cause as Error).message}`, { cause });
  }
}
