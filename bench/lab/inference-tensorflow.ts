import { createTensorFlowDetector } from '../../src/lib/anomaly-map/detect';
import { backboneFlops } from './flops';
import { readImages } from './images';
import { loadBackbone } from './backbone';
import type { InferenceOptions } from './inference';
import { batches } from './workload';
import type { Workload } from './workload';

/** The same as `inference`, by the lab's TensorFlow ops: from decoded pixels to anomaly maps and scores; the value is the first image's score. */
export const inferenceTensorFlow: Workload = (request) => {
  const options = request as unknown as InferenceOptions;
  const stack = readImages(options.images, options.size);
  const networks = {
    teacher: loadBackbone(options.teacher),
    student: loadBackbone(options.student),
  };
  const { detect } = createTensorFlowDetector(networks, {
    imageSize: options.size,
    resizeFilter: 'bilinear',
  });
  const order = batches(stack.count, options.batch);
  const repeat = async () => {
    const indices = order.next().value;
    const [first] = await detect(stack, { batchSize: options.batch }, indices);
    return first.score;
  };
  return { repeat, flops: options.batch * 2 * backboneFlops(options.size) };
};
