// In the npm package this stands in for `runtime.ts` where the package runs in a browser: the same runtime, compiled to
// WebAssembly.
import type * as OnnxRuntime from 'onnxruntime-common';
import { MissingPackageError } from '../files/optional-package';
import type { OnnxSession, SessionOptions } from './runtime';

/** Loaded when the first model is opened. No other module imports it. */
async function load(): Promise<typeof OnnxRuntime> {
  try {
    // The lab itself does not install it, nor its types: they are onnxruntime-common's.
    return (await import('onnxruntime-web/wasm' as string)) as typeof OnnxRuntime;
  } catch (cause) {
    throw new MissingPackageError(
      'onnxruntime-web',
      `Running a detector in a browser needs the package onnxruntime-web, found: ${(cause as Error).message}. ` +
        'Run `npm install onnxruntime-web@1`.',
      { cause },
    );
  }
}

/**
 * @param model the bytes of an ONNX file
 * @param options `threads` count where the page is isolated from others (cross-origin isolation); else there is one
 * @throws Error from ONNX Runtime when it cannot use them
 */
export async function openSession(
  model: Uint8Array,
  { threads }: SessionOptions = {},
): Promise<OnnxSession> {
  const { env, InferenceSession, Tensor } = await load();
  if (threads !== undefined) env.wasm.numThreads = threads;
  const session = await InferenceSession.create(model, {
    executionProviders: ['wasm'],
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
  });
  return {
    outputs: session.outputNames,
    inputs: session.inputMetadata,
    run: async ({ name, data, shape }, outputs) => {
      const results = await session.run({ [name]: new Tensor('uint8', data, shape) }, [...outputs]);
      return outputs.map((output) => results[output].data as Float32Array);
    },
    dispose: () => session.release(),
  };
}

/** Of ONNX Runtime. */
export function onnxRuntimeVersion(): string {
  return 'onnxruntime-web';
}
