import { openOnnxDetector } from '../../src/lib/onnx/onnx-detector';
import { backboneFlops } from './flops';
import { readImages } from './images';
import { batches } from './workload';
import type { Workload } from './workload';

export interface InferenceOptions {
  images: string;
  teacher: string;
  student: string;
  detector: string;
  size: number;
  batch: number;
}

/**
 * The whole detector, from decoded pixels to anomaly maps and scores, as `stfpm predict` runs it: exported and run by
 * ONNX Runtime. The value is the first image's score.
 */
export const inference: Workload = async (request) => {
  const options = request as unknown as InferenceOptions;
  const stack = readImages(options.images, options.size);
  const { detect } = await openOnnxDetector(options.detector, { threads: request.threads });
  const order = batches(stack.count, options.batch);
  const repeat = async () => {
    const indices = order.next().value;
    const [first] = await detect(stack, { batchSize: options.batch }, indices);
    return first.score;
  };
  return { repeat, flops: options.batch * 2 * backboneFlops(options.size) };
};
