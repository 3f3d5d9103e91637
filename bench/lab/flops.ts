import { LEVEL_STRIDES, resnet18Shapes } from '../../src/lib/models/resnet18';

/** Multiplications and additions of each convolution of the backbone for one image of size x size. */
function convolutionFlops(size: number): Map<string, number> {
  const flops = new Map<string, number>();
  for (const [name, shape] of resnet18Shapes()) {
    if (shape.length !== 4) continue;
    const level = /^layer(\d)/.exec(name);
    const outputSide = level ? size / LEVEL_STRIDES[Number(level[1]) - 1] : size / 2;
    flops.set(name, 2 * shape.reduce((product, n) => product * n, 1) * outputSide ** 2);
  }
  return flops;
}

const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0);

/** Of one forward pass through one network, for one image. */
export function backboneFlops(size: number): number {
  return sum(convolutionFlops(size).values());
}

/**
 * Of one training step, for one image: forward, gradient of the weights and gradient of the inputs cost alike, and
 * the first convolution's input needs no gradient.
 */
export function trainingFlops(size: number): number {
  return 3 * backboneFlops(size) - (convolutionFlops(size).get('conv1.weight') ?? 0);
}
