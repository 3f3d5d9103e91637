/**
 * What the benchmark's processes say to each other: one JSON object a line, requests on stdin, replies on stdout.
 * The lab's side (lab/worker.ts) and the peers' (peers/serve.py) speak it alike.
 */

export type Program =
  'lab' | 'lab-onnx' | 'torch' | 'sklearn' | 'anomalib' | 'onnxruntime' | 'openvino';

export interface StartRequest {
  do: 'start';
  workload: string;
  /** On how many cores to compute. */
  threads: number;
  [option: string]: unknown;
}

export interface RunRequest {
  do: 'run';
  repeats: number;
}

export interface StopRequest {
  do: 'stop';
}

export type Request = StartRequest | RunRequest | StopRequest;

export interface StartReply {
  versions: Record<string, string>;
  /** Floating-point operations of one repetition's convolutions or matrix product, where they are counted. */
  flops?: number;
}

export interface RunReply {
  /** Of each repetition. */
  seconds: number[];
  /** A number that the work gave (a loss, a score): equal values prove equal work. */
  values: number[];
  /** Processor time that the process took for all of it, over all its threads. */
  processorSeconds: number;
}

export interface StopReply {
  /** The most memory that the process had resident at any time. */
  peakBytes: number;
}

export interface ErrorReply {
  error: string;
}
