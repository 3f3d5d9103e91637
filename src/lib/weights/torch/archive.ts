import { quoteName, WeightFileError } from '../named-arrays';

interface Entry {
  /** Where its local header begins. */
  start: number;
  /** Where its content lies; `end` is exclusive. */
  begin: number;
  end: number;
  crc: number;
}

/**
 * A ZIP archive as torch.save writes it: entries are not compressed, so that the content of one is
 * a part of the file, and nothing needs more memory than the file. Entries lie one after the other
 * without an overlap. Format: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT.
 */
export class TorchArchive {
  private readonly entries = new Map<string, Entry>();

  /** @throws WeightFileError when it is not such an archive, or damaged */
  constructor(
    private readonly bytes: Uint8Array,
    private readonly file: string,
  ) {
    let { at, count } = this.findDirectory();
    for (; count > 0; count--) {
      const header = this.record(at, 'PK\x01\x02', 46);
      const nameEnd = at + 46 + header.getUint16(28, true);
      const extraEnd = nameEnd + header.getUint16(30, true);
      const name = Buffer.from(this.part(at + 46, nameEnd)).toString('utf8');
      if (this.entries.has(name)) throw this.damaged(`entry ${quoteName(name)} twice`);
      if (header.getUint16(10, true) !== 0) {
        throw new WeightFileError(
          file,
          'a ZIP archive of uncompressed entries, as torch.save writes',
          `entry ${quoteName(name)} compressed (a TorchScript module?)`,
        );
      }
      const long = zip64Values(this.part(nameEnd, extraEnd));
      const [size, stored, start] = [24, 20, 42].map((field) => {
        const value = header.getUint32(field, true);
        return value === 0xffffffff ? (long.shift() ?? value) : value;
      });
      if (size !== stored) {
        throw this.damaged(`entry ${quoteName(name)} of ${size} bytes stored as ${stored}`);
      }
      const local = this.record(start, 'PK\x03\x04', 30);
      const begin = start + 30 + local.getUint16(26, true) + local.getUint16(28, true);
      const entry = { start, begin, end: begin + size, crc: header.getUint32(16, true) };
      this.part(begin, entry.end);
      this.entries.set(name, entry);
      at = extraEnd + header.getUint16(32, true);
    }
    this.refuseOverlaps();
  }

  get names(): string[] {
    return [...this.entries.keys()];
  }

  /**
   * The content of an entry, a view on the file's bytes; undefined when there is none.
   *
   * @throws WeightFileError when it does not have the checksum that the archive gives
   */
  read(name: string): Uint8Array | undefined {
    const entry = this.entries.get(name);
    if (!entry) return undefined;
    const content = this.part(entry.begin, entry.end);
    // 0 where PyTorch was told not to compute it (torch.serialization.set_crc32_options).
    const found = entry.crc === 0 ? 0 : crc32(content);
    if (found !== entry.crc) {
      throw new WeightFileError(
        this.file,
        `entry ${quoteName(name)} with the CRC-32 ${hexadecimal(entry.crc)}`,
        `${hexadecimal(found)}: the file is damaged (get it anew)`,
      );
    }
    return content;
  }

  /** Where the directory begins, and how many entries it has. */
  private findDirectory(): { at: number; count: number } {
    // The record at the end of the file may be followed by a comment of up to 65535 bytes.
    const tail = Math.max(0, this.bytes.length - 22 - 0xffff);
    const end = Buffer.from(this.part(tail, this.bytes.length)).lastIndexOf('PK\x05\x06');
    if (end < 0) throw this.damaged('no directory at its end');
    const at = tail + end;
    const record = this.record(at, 'PK\x05\x06', 22);
    const hasLocator = at >= 20 && this.hasSignature(at - 20, 'PK\x06\x07');
    if (!hasLocator) return { at: record.getUint32(16, true), count: record.getUint16(10, true) };
    const locator = this.record(at - 20, 'PK\x06\x07', 20);
    const record64 = this.record(Number(locator.getBigUint64(8, true)), 'PK\x06\x06', 56);
    return {
      at: Number(record64.getBigUint64(48, true)),
      count: Number(record64.getBigUint64(32, true)),
    };
  }

  private refuseOverlaps(): void {
    let position = 0;
    const inOrder = [...this.entries].sort(([, a], [, b]) => a.start - b.start);
    for (const [name, { start, end }] of inOrder) {
      if (start < position) throw this.damaged(`entry ${quoteName(name)} lies in another one`);
      position = end;
    }
  }

  private record(at: number, signature: string, length: number): DataView {
    const { buffer, byteOffset } = this.part(at, at + length);
    if (!this.hasSignature(at, signature)) {
      throw this.damaged(`no record ${JSON.stringify(signature)} at byte ${at}`);
    }
    return new DataView(buffer, byteOffset, length);
  }

  private hasSignature(at: number, signature: string): boolean {
    return Buffer.from(this.part(at, at + 4)).toString('latin1') === signature;
  }

  private part(begin: number, end: number): Uint8Array {
    if (!(end <= this.bytes.length)) {
      throw this.damaged(`bytes ${begin} to ${end} needed, ${this.bytes.length} there`);
    }
    return this.bytes.subarray(begin, end);
  }

  private damaged(reason: string): WeightFileError {
    return new WeightFileError(
      this.file,
      'a whole ZIP archive, as torch.save writes',
      `a truncated or damaged one (${reason})`,
    );
  }
}

/** What the extra field of number 1 holds: the 64-bit values whose 32-bit fields are all ones. */
function zip64Values(extra: Uint8Array): number[] {
  const view = new DataView(extra.buffer, extra.byteOffset, extra.byteLength);
  for (let at = 0; at + 4 <= extra.length; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== 1) continue;
    const size = Math.min(view.getUint16(at + 2, true), extra.length - at - 4);
    return Array.from({ length: size >> 3 }, (_, i) =>
      Number(view.getBigUint64(at + 4 + 8 * i, true)),
    );
  }
  return [];
}

let crcTables: Int32Array | undefined;

/** Four tables of 256 numbers, one for each byte of a 32-bit word: half the time of a single one. */
function makeCrcTables(): Int32Array {
  const tables = new Int32Array(4 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let remainder = byte;
    for (let bit = 0; bit < 8; bit++) {
      remainder = remainder & 1 ? (remainder >>> 1) ^ 0xedb88320 : remainder >>> 1;
    }
    tables[byte] = remainder;
  }
  for (let i = 256; i < tables.length; i++) {
    tables[i] = tables[tables[i - 256] & 255] ^ (tables[i - 256] >>> 8);
  }
  return tables;
}

/** The CRC-32 of ZIP (and of PNG): `zlib.crc32`, which Node has since 20.15. */
function crc32(bytes: Uint8Array): number {
  const tables = (crcTables ??= makeCrcTables());
  const words = bytes.length - (bytes.length % 4);
  let crc = -1;
  let i = 0;
  for (; i < words; i += 4) {
    crc ^= bytes[i] | (bytes[i + 1] << 8) | (bytes[i + 2] << 16) | (bytes[i + 3] << 24);
    crc =
      tables[768 + (crc & 255)] ^
      tables[512 + ((crc >>> 8) & 255)] ^
      tables[256 + ((crc >>> 16) & 255)] ^
      tables[crc >>> 24];
  }
  for (; i < bytes.length; i++) crc = tables[(crc ^ bytes[i]) & 255] ^ (crc >>> 8);
  return ~crc >>> 0;
}

function hexadecimal(crc: number): string {
  return crc.toString(16).padStart(8, '0');
}
