/**
 * Bytes as text of 85 printable characters, five for four bytes: a tenth less than base64. The characters are those from
 * "(" to "|", without "<", so that the text can stand in a page's script element as it is.
 */
const FIRST = 40;
const [LESS_THAN, INSTEAD] = [60, 125];

/** As ASCII bytes. The length of `bytes` is not in it: see `fromBase85`. */
export function toBase85(bytes: Uint8Array): Uint8Array {
  const groups = Math.ceil(bytes.length / 4);
  const text = new Uint8Array(5 * groups);
  for (let group = 0; group < groups; group++) {
    let value = 0;
    for (let i = 0; i < 4; i++) value = value * 256 + (bytes[4 * group + i] ?? 0);
    for (let i = 4; i >= 0; i--) {
      const code = FIRST + (value % 85);
      text[5 * group + i] = code === LESS_THAN ? INSTEAD : code;
      value = Math.floor(value / 85);
    }
  }
  return text;
}

/**
 * @param length how many bytes there were
 * @throws Error when the text was cut short
 */
export function fromBase85(text: string, length: number): Uint8Array {
  const groups = Math.ceil(length / 4);
  if (text.length !== 5 * groups) {
    throw new Error(`expected ${5 * groups} characters, found ${text.length}`);
  }
  const bytes = new Uint8Array(4 * groups);
  const view = new DataView(bytes.buffer);
  for (let group = 0; group < groups; group++) {
    let value = 0;
    for (let i = 0; i < 5; i++) {
      const code = text.charCodeAt(5 * group + i);
      value = value * 85 + (code === INSTEAD ? LESS_THAN : code) - FIRST;
    }
    view.setUint32(4 * group, value);
  }
  return bytes.subarray(0, length);
}
