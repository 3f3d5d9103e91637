import * as os from 'os';
import type * as OnnxRuntime from 'onnxruntime-node';
import { loadOptional } from '../files/optional-package';

/**
 * ONNX Runtime, loaded when the first model is opened. No other module imports it.
 */
function load(): typeof OnnxRuntime {
  return loadOptional(
    'onnxruntime-node',
    'Running a detector',
    () => require('onnxruntime-node') as typeof OnnxRuntime,
  );
}

/** Without type and shape: no tensor. */
export interface OnnxInput {
  name: string;
  type?: string;
  shape?: readonly (number | string)[];
}

/** A model that is ready to run. */
export interface OnnxSession {
  /** The names of the values that the graph gives. */
  readonly outputs: readonly string[];
  /** What the graph takes; of a shape sizes, and names of those that it leaves open. */
  readonly inputs: readonly OnnxInput[];
  /**
   * One run of the graph. Works on the calling thread and on the session's own.
   *
   * @param images uint8 [count, height, width, 3]
   * @param outputs names of the values wanted
   * @returns one float32 array for each, row-major
   */
  run(
    images: { name: string; data: Uint8Array; shape: readonly [number, number, number, number] },
    outputs: readonly string[],
  ): Promise<Float32Array[]>;
  dispose(): Promise<void>;
}

export interface SessionOptions {
  /** Cores to compute on. Default: all. */
  threads?: number;
}

/**
 * How long a thread polls for its next piece of work before it sleeps, in microseconds: threads wait for
 * one another after each op, and waking takes longer than that. One image is about 5 % quicker with it, and takes a
 * sixth longer where another program wants a core. ONNX Runtime's own default is no quicker, takes a third longer there,
 * and twice the processor time where there are pauses between the images.
 */
const SPIN_MICROSECONDS = 50;

/**
 * @param model the bytes of an ONNX file
 * @throws Error from ONNX Runtime when it cannot use them
 */
export async function openSession(
  model: Uint8Array,
  { threads = Number(process.env.STFPM_THREADS) || os.availableParallelism() }: SessionOptions = {},
): Promise<OnnxSession> {
  const { InferenceSession, Tensor } = load();
  const session = await InferenceSession.create(model, {
    executionProviders: ['cpu'],
    graphOptimizationLevel: 'all',
    intraOpNumThreads: threads,
    // Errors; warnings are about what the optimiser leaves out.
    logSeverityLevel: 3,
    extra: { session: { intra_op: { spin_duration_us: String(SPIN_MICROSECONDS) } } },
  });
  return {
    outputs: session.outputNames,
    inputs: session.inputMetadata,
    run: async ({ name, data, shape }, outputs) => {
      const feeds = { [name]: new Tensor('uint8', data, shape) };
      const results = await session.run(feeds, [...outputs]);
      return outputs.map((output) => results[output].data as Float32Array);
    },
    dispose: () => session.release(),
  };
}

/** Of ONNX Runtime. */
export function onnxRuntimeVersion(): string {
  return load().env.versions.node ?? 'unknown';
}
