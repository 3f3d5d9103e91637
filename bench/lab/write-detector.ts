import { writeFileSync } from 'fs';
import { exportDetector } from '../../src/lib/onnx/export';
import { quantiseDetector } from '../../src/lib/onnx/quantise';
import { readSafetensors } from '../../src/lib/weights/safetensors';
import { readImages } from './images';

/** Where the two networks and images are read and their detectors are written, and the side of the images. */
interface DetectorFiles {
  teacher: string;
  student: string;
  detector: string;
  quantised: string;
  images: string;
  size: number;
}

/** The benchmark's two networks as `stfpm export` writes them, in float32 and in integers. */
export async function writeDetectors({
  teacher,
  student,
  detector,
  quantised,
  images,
  size,
}: DetectorFiles): Promise<void> {
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
  // Networks that have learnt nothing keep to no bound; this is about time.
  const { model } = await quantiseDetector(bytes, readImages(images, size), { maxChange: 10 });
  writeFileSync(quantised, model);
}
