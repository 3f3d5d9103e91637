import { readdirSync } from 'fs';
import * as path from 'path';
import { loadRgb } from '../../src/lib/data/image';
import { openOnnxDetector } from '../../src/lib/onnx/onnx-detector';
import { batches } from './workload';
import type { Workload } from './workload';

export interface InferencePngOptions {
  pictures: string;
  detector: string;
  size: number;
}

/** From a PNG on disk to its anomaly map and score, one after the other; the value is the score. */
export const inferencePng: Workload = async (request) => {
  const { pictures, detector, size } = request as unknown as InferencePngOptions;
  const files = readdirSync(pictures)
    .sort()
    .map((name) => path.join(pictures, name));
  const { detect } = await openOnnxDetector(detector, { threads: request.threads });
  const order = batches(files.length, 1);
  const repeat = async () => {
    const image = await loadRgb(files[order.next().value[0]], {
      size: { height: size, width: size },
    });
    const [{ score }] = await detect({ ...image, count: 1 });
    return score;
  };
  return { repeat };
};
