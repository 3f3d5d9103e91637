import { writeFileSync } from 'fs';
import { exportDetector } from '../../src/lib/onnx/export';
import { readSafetensors } from '../../src/lib/weights/safetensors';

/** Where the two networks are read and their detector is written, and the side of its images. */
interface DetectorFiles {
  teacher: string;
  student: string;
  detector: string;
  size: number;
}

/** The benchmark's two networks as `stfpm export` writes them. */
export function writeDetector({ teacher, student, detector, size }: DetectorFiles): void {
  const arrays = {
    teacher: readSafetensors(teacher).arrays,
    student: readSafetensors(student).arrays,
  };
  const bytes = exportDetector(arrays, {
    category: null,
    imageSize: size,
    resizeFilter: 'bilinear',
    productResolution: 'image',
    teacher: { kind: 'random', name: 'of the benchmark' },
    modelEpoch: null,
    threshold: null,
    config: null,
  });
  writeFileSync(detector, bytes);
}
