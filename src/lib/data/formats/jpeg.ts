/** How often a coefficient's last bits are sent: those above this many are known. Before any scan none are. */
const UNKNOWN = 255;

/** The kinds of frames by their markers (ITU-T T.81, table B.1), as far as they are not decoded here. */
const OTHER_PROCESSES: Partial<Record<number, string>> = {
  0xc3: 'lossless',
  0xc5: 'hierarchical',
  0xc6: 'hierarchical',
  0xc7: 'hierarchical, lossless',
  0xcb: 'lossless, arithmetic-coded',
  0xf7: 'JPEG-LS',
};

interface Frame {
  isProgressive: boolean;
  /** For each component, by its identifier: bits of each of its 64 coefficients that no scan has sent. */
  missing: Map<number, Uint8Array>;
}

/**
 * What is wrong with a JPEG that a decoder would take without a word, or null.
 *
 * A progressive JPEG comes in scans, each of which adds bits to some coefficients (T.81, annex G). One that is cut
 * between two scans is a valid file of a blurred picture. So is a sequential one that lacks the scan of a colour.
 */
export function jpegFault(bytes: Buffer): string | null {
  let frame: Frame | null = null;
  let at = 2;
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff) return null; // damaged, which the decoder says
    const marker = bytes[at + 1];
    if (marker === 0xff) {
      at++; // fill byte
      continue;
    }
    if (marker === 0xd9) break;
    if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
      at += 2;
      continue;
    }
    const length = bytes.readUInt16BE(at + 2);
    const segment = bytes.subarray(at + 4, at + 2 + length);
    if (length < 2 || segment.length !== length - 2) return null;
    const other = OTHER_PROCESSES[marker];
    if (other !== undefined) return `a JPEG of a kind not read (${other})`;
    if (isFrameHeader(marker)) {
      if (segment.length < 6) return null;
      if (segment[0] !== 8) return `a JPEG of ${segment[0]} bits a channel`;
      frame = readFrame(marker, segment);
    }
    at += 2 + length;
    if (marker !== 0xda) continue;
    if (!frame || !addScan(frame, segment)) return null;
    if (!frame.isProgressive && isComplete(frame)) return null; // nothing more to come
    at = endOfScan(bytes, at);
  }
  if (!frame || isComplete(frame)) return null;
  return frame.isProgressive
    ? 'a truncated file (scans of a progressive JPEG are missing)'
    : 'a truncated file (the scan of a channel is missing)';
}

function isFrameHeader(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
}

function readFrame(marker: number, segment: Buffer): Frame {
  const missing = new Map<number, Uint8Array>();
  for (let i = 0; i < segment[5] && 6 + 3 * i < segment.length; i++) {
    missing.set(segment[6 + 3 * i], new Uint8Array(64).fill(UNKNOWN));
  }
  return { isProgressive: marker === 0xc2 || marker === 0xca, missing };
}

/** @returns whether it could be read */
function addScan({ isProgressive, missing }: Frame, segment: Buffer): boolean {
  const components = segment[0];
  if (segment.length < 4 + 2 * components) return false;
  const [first, last, bits] = segment.subarray(1 + 2 * components);
  for (let i = 0; i < components; i++) {
    const coefficients = missing.get(segment[1 + 2 * i]);
    if (!coefficients) return false;
    if (isProgressive) coefficients.fill(bits & 15, first, last + 1);
    else coefficients.fill(0);
  }
  return true;
}

function isComplete({ missing }: Frame): boolean {
  return [...missing.values()].every((coefficients) => coefficients.every((bits) => bits === 0));
}

/** Where the marker after a scan's data begins: stuffed zeros and restart markers belong to the data. */
function endOfScan(bytes: Buffer, start: number): number {
  let at = start;
  for (;;) {
    at = bytes.indexOf(0xff, at);
    if (at < 0 || at + 1 >= bytes.length) return bytes.length;
    const next = bytes[at + 1];
    if (next !== 0 && next !== 0xff && !(next >= 0xd0 && next <= 0xd7)) return at;
    at += next === 0xff ? 1 : 2;
  }
}
