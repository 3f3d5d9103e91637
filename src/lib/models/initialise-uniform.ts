import type { Random } from '../random/random';
import type { NamedArrays } from '../weights/tensor-file';

/**
 * Convolutions with biases as PyTorch's `Conv2d` and `ConvTranspose2d` make them: weights and biases uniform within
 * 1 / sqrt(fan_in), where fan_in is the weight's second dimension times its kernel's area. (For a transposed
 * convolution that counts its output channels; so does PyTorch.)
 *
 * @param shapes pairs `NAME.weight`, of rank 4, and `NAME.bias`
 */
export function initialiseUniform(
  shapes: ReadonlyMap<string, number[]>,
  random: Random,
): NamedArrays {
  const arrays: NamedArrays = new Map();
  for (const [name, shape] of shapes) {
    const weight = shapes.get(name.replace(/bias$/, 'weight'));
    if (weight?.length !== 4)
      throw new Error(`"${name}": expected a convolution's weight or bias.`);
    const bound = 1 / Math.sqrt(weight[1] * weight[2] * weight[3]);
    const stream = random.fork(name);
    const data = new Float32Array(shape.reduce((product, size) => product * size, 1));
    for (let i = 0; i < data.length; i++) data[i] = stream.uniform(-bound, bound);
    arrays.set(name, { shape, data });
  }
  return arrays;
}
