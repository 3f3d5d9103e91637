import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import * as path from 'node:path';
import type { Detection } from '../anomaly-map/detection';
import type { RgbImage } from '../data/image';

/** Copied beside the compiled module by the build. */
const SCRIPT = path.join(__dirname, 'python-runtime.py');

/** An exported file, open in ONNX Runtime's Python package. */
export interface PythonDetector {
  /** Of Python and of its package onnxruntime. */
  readonly versions: { python: string; onnxruntime: string };
  /** What Python reads in the file's metadata: a score above it is a defect's. */
  readonly threshold: number | null;
  /** @param picture at the detector's size */
  detect(picture: RgbImage): Promise<Pick<Detection, 'score' | 'map'>>;
  dispose(): Promise<void>;
}

/**
 * Why a Python cannot run exported files; null where it can.
 *
 * @param python a program
 */
export function whyNotPython(python: string): string | null {
  const args = ['-I', '-c', 'import numpy, onnxruntime'];
  const { error, status, stderr } = spawnSync(python, args, { encoding: 'utf8', timeout: 120_000 });
  if (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? 'no such program' : error.message;
  }
  if (status === 0) return null;
  return stderr.trim().split('\n').at(-1) || `it ended with exit code ${status}`;
}

/**
 * Opens an exported file in a Python of its own process.
 *
 * @param python a program for which `whyNotPython` is null
 * @param model the bytes of the ONNX file
 * @throws Error with the last line that Python says, when it cannot
 */
export async function openPythonDetector(
  python: string,
  model: Uint8Array,
): Promise<PythonDetector> {
  const child = spawn(python, ['-I', SCRIPT], { stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  // Its end is noticed where an answer is missing.
  child.stdin.on('error', () => {});
  const ended = once(child, 'close');
  ended.catch(() => {});
  const length = Buffer.alloc(4);
  length.writeUInt32LE(model.length);
  child.stdin.write(length);
  child.stdin.write(model);
  const chunks = child.stdout[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let held: Buffer = Buffer.alloc(0);
  const more = async () => {
    const { value, done } = await chunks.next();
    if (!done) return (held = Buffer.concat([held, value]));
    await ended;
    throw new Error(`${python}: ${said.trim().split('\n').at(-1) || 'ended without a word'}`);
  };
  const take = async (length: number) => {
    const parts = [held];
    for (let have = held.length; have < length; have += held.length) {
      held = Buffer.alloc(0);
      parts.push(await more());
    }
    const all = Buffer.concat(parts);
    held = all.subarray(length);
    return all.subarray(0, length);
  };

  while (!held.includes('\n')) await more();
  const line = held.indexOf('\n');
  const head = JSON.parse(held.toString('utf8', 0, line)) as PythonDetector['versions'] &
    Pick<PythonDetector, 'threshold'>;
  held = held.subarray(line + 1);
  const { threshold, ...versions } = head;
  return {
    versions,
    threshold,
    detect: async ({ height, width, data }) => {
      const size = Buffer.alloc(8);
      size.writeUInt32LE(height);
      size.writeUInt32LE(width, 4);
      child.stdin.write(size);
      child.stdin.write(data);
      const answer = await take(8);
      const count = answer.readUInt32LE(4);
      const bytes = await take(4 * count);
      // A copy, which begins at a multiple of four.
      const map = new Float32Array(new Uint8Array(bytes).buffer);
      return { score: answer.readFloatLE(), map: count > 0 ? map : null };
    },
    dispose: async () => {
      child.stdin.end();
      await chunks.return?.();
      await ended;
    },
  };
}
