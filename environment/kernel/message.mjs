// Jupyter's wire format: routing identities, a delimiter, a signature, then four JSON parts.
import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import { workerData } from 'node:worker_threads';

const delimiter = '<IDS|MSG>';
const protocolVersion = '5.3';
/** One for all threads of the kernel. */
export const sessionId = /** @type {string} */ (workerData?.sessionId ?? randomUUID());

/**
 * @typedef {object} Header
 * @property {string} msg_type
 * @property {string} [username]
 */

/** A request as received. */
export class Message {
  /**
   * @param {Buffer[]} identities which client to answer
   * @param {Header} header
   * @param {any} content
   * @param {Record<string, unknown>} [metadata]
   * @param {Buffer[]} [buffers] bytes that come with it
   */
  constructor(identities, header, content, metadata = {}, buffers = []) {
    this.identities = identities;
    this.header = header;
    this.content = content;
    this.metadata = metadata;
    this.buffers = buffers;
  }

  /**
   * @param {Buffer[]} frames
   * @param {string} key the connection's; empty where messages are not signed
   * @throws where the frames are not a message signed with the key
   */
  static parse(frames, key) {
    const at = frames.findIndex((frame) => frame.toString() === delimiter);
    if (at < 0 || frames.length < at + 6) throw new Error('a message lacks parts');
    const [signature, ...rest] = frames.slice(at + 1);
    const parts = rest.slice(0, 4);
    const expected = Buffer.from(sign(parts, key));
    if (signature.length !== expected.length || !timingSafeEqual(signature, expected)) {
      throw new Error('the signature of a message is wrong');
    }
    const [header, , metadata, content] = parts.map((part) => JSON.parse(part.toString()));
    if (typeof header?.msg_type !== 'string') throw new Error('a message does not name its type');
    const [withMetadata, withContent] = [metadata, content].map((one) =>
      isObject(one) ? one : {},
    );
    return new Message(frames.slice(0, at), header, withContent, withMetadata, rest.slice(4));
  }

  /**
   * @param {string} type
   * @param {unknown} content
   * @param {string} key
   * @param {object} [more]
   * @param {(Buffer | string)[]} [more.identities] by default those of the request: its client
   * @param {Record<string, unknown>} [more.metadata]
   * @param {Buffer[]} [more.buffers]
   * @returns {(Buffer | string)[]} the frames of a message in answer to this one
   */
  answer(type, content, key, { identities = this.identities, metadata = {}, buffers = [] } = {}) {
    const header = {
      msg_id: randomUUID(),
      msg_type: type,
      session: sessionId,
      username: this.header.username ?? '',
      date: new Date().toISOString(),
      version: protocolVersion,
    };
    const parts = [header, this.header, metadata, content].map((part) => JSON.stringify(part));
    return [...identities, delimiter, sign(parts, key), ...parts, ...buffers];
  }
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
function isObject(value) {
  return typeof value === 'object' && value !== null;
}

/**
 * @param {(Buffer | string)[]} parts
 * @param {string} key
 */
function sign(parts, key) {
  if (key === '') return '';
  const hmac = createHmac('sha256', key);
  for (const part of parts) hmac.update(part);
  return hmac.digest('hex');
}
