import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import type * as TensorFlow from '@tensorflow/tfjs-node-gpu';
import { isPackaged, loadOptional } from '../files/optional-package';
import { ownEnginePackage } from './engine-folder';
import { platformOf } from './platforms';

export type {
  Scalar,
  Tensor,
  Tensor1D,
  Tensor2D,
  Tensor3D,
  Tensor4D,
  TensorInfo,
  Variable,
} from '@tensorflow/tfjs-node-gpu';

const DEFAULTS: Record<string, string> = {
  // 0 info, 1 warnings, 2 errors: the library's start-up notes would drown the lab's own output.
  TF_CPP_MIN_LOG_LEVEL: '2',
  TF_FORCE_GPU_ALLOW_GROWTH: 'true',
  TF_ENABLE_ONEDNN_OPTS: '1',
  // One op at a time, each on every core: eager execution has no second op to overlap with.
  TF_NUM_INTRAOP_THREADS: String(os.cpus().length),
  TF_NUM_INTEROP_THREADS: '1',
};

/** tfjs-node 4.22 calls two functions of Node's `util` that Node 23 removed. */
function completeUtil(): void {
  const util = require('util') as Record<string, unknown>;
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  util.isArray ??= Array.isArray;
}

function load(): typeof TensorFlow {
  // TensorFlow reads its settings from the environment while its library loads. What the user has chosen is kept.
  for (const [name, value] of Object.entries(DEFAULTS)) process.env[name] ??= value;
  completeUtil();
  return loadOptional(
    '@tensorflow/tfjs-node-gpu',
    'The training engine',
    () => {
      const own = isPackaged() ? ownEnginePackage() : null;
      const engine = own ?? '@tensorflow/tfjs-node-gpu';
      if (process.env.TF_CPP_MIN_LOG_LEVEL !== '0') loadQuietly(engine);
      return require(engine) as typeof TensorFlow;
    },
    'npx --no -- stfpm setup',
  );
}

/**
 * Loads TensorFlow's own library before the package does: by an addon that keeps its start-up lines, for which no setting
 * helps, from standing in front of a command's output or error. Without that addon the lines are there, and all else is the same.
 */
function loadQuietly(engine: string): void {
  const folder = path.dirname(path.dirname(require.resolve(engine)));
  const addon = path.join(folder, 'lib', 'napi-v8', 'quiet.node');
  const libraries = platformOf()?.libraries;
  if (libraries === undefined || !fs.existsSync(addon)) return;
  const { load } = require(addon) as { load(library: string): void };
  load(path.join(folder, 'deps', 'lib', libraries.framework));
}

let loaded: typeof TensorFlow | undefined;

/**
 * The tfjs API on the native backend. TensorFlow is loaded when the first of its members is used, with this project's
 * defaults; no other module imports it. So whatever only reads settings, weights or scores does not pay for it, and
 * importing the library changes nothing in its host process.
 */
export const tf = new Proxy({} as typeof TensorFlow, {
  get: (_, name) => Reflect.get((loaded ??= load()), name) as unknown,
  has: (_, name) => Reflect.has((loaded ??= load()), name),
});

/** What TensorFlow says of an op's output. */
export interface OutputMetadata {
  id: number;
  shape: number[];
  /** TensorFlow's number of the element type. */
  dtype: number;
}

/** What an op attribute or a raw op needs of the native backend; pinned with the version of tfjs. */
export interface NativeBackend {
  binding: Record<`TF_${string}`, number> & {
    executeOp(
      op: string,
      attributes: OpAttribute[],
      inputs: number[],
      outputs: number,
    ): OutputMetadata[];
  };
  isUsingGpuDevice: boolean;
  getInputTensorIds(inputs: TensorFlow.TensorInfo[]): number[];
  createOutputTensor(metadata: OutputMetadata): TensorFlow.Tensor;
  tensorMap: { get(dataId: object): { dtype: number } };
  incRef(dataId: object): void;
  getNumOfTFTensors(): number;
  summaryWriter(folder: string): TensorFlow.Tensor;
  createSummaryFileWriter(writer: TensorFlow.Tensor, folder: string): void;
  writeScalarSummary(writer: TensorFlow.Tensor, step: number, name: string, value: number): void;
  flushSummaryWriter(writer: TensorFlow.Tensor): void;
}

/** One attribute of a TensorFlow op, as the addon takes it. */
export interface OpAttribute {
  name: string;
  type: number;
  value: unknown;
}

/** The native backend behind `tf`. */
export function nativeBackend(): NativeBackend {
  return tf.backend() as unknown as NativeBackend;
}

/** What the lab computes on: for reports and for the record of a run. */
export interface Device {
  kind: 'cpu' | 'gpu';
  /** The processor's name. */
  processor: string;
  /** Logical cores. */
  cores: number;
  intraOpThreads: string;
  interOpThreads: string;
  oneDnn: boolean;
  tfjs: string;
}

export function describeDevice(): Device {
  return {
    kind: nativeBackend().isUsingGpuDevice ? 'gpu' : 'cpu',
    processor: os.cpus()[0]?.model.trim() ?? 'unknown',
    cores: os.cpus().length,
    intraOpThreads: process.env.TF_NUM_INTRAOP_THREADS ?? 'default',
    interOpThreads: process.env.TF_NUM_INTEROP_THREADS ?? 'default',
    oneDnn: process.env.TF_ENABLE_ONEDNN_OPTS === '1',
    tfjs: tf.version['tfjs-core'],
  };
}

/** Versions of what the numbers of a run depend on. */
export function engineVersions(): { node: string; tfjs: string; tensorflow: string } {
  const { binding } = nativeBackend() as unknown as { binding: { TF_Version: string } };
  return {
    node: process.versions.node,
    tfjs: tf.version['tfjs-core'],
    tensorflow: binding.TF_Version,
  };
}
