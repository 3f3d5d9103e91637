import type { ExportDescription } from '../../src/lib/onnx/export';

/** What a test's detector is exported with. */
export function description(changes: Partial<ExportDescription> = {}): ExportDescription {
  return {
    category: 'dots',
    imageSize: 64,
    resizeFilter: 'bilinear',
    productResolution: 'image',
    teacher: { kind: 'random', name: 'made up' },
    modelEpoch: 3,
    threshold: null,
    config: { recipe: 'baseline' },
    ...changes,
  };
}
