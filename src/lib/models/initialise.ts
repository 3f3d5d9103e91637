import type { Random } from '../random/random';
import type { NamedArrays } from '../weights/tensor-file';
import { resnet18Shapes } from './resnet18-shapes';

/**
 * A randomly initialised trunk, as torchvision makes it: convolutions normal with variance 2 / fan_out (He et al.,
 * 2015), batch norms with weight 1 and bias 0, running mean 0 and variance 1.
 *
 * @param random each array draws from a stream of its own name, so that one array's size never shifts another's
 */
export function initialiseResNet18(random: Random): NamedArrays {
  const arrays: NamedArrays = new Map();
  for (const [name, shape] of resnet18Shapes()) {
    const data = new Float32Array(shape.reduce((product, size) => product * size, 1));
    if (shape.length === 4) {
      const [out, , height, width] = shape;
      const deviation = Math.sqrt(2 / (out * height * width));
      const stream = random.fork(name);
      for (let i = 0; i < data.length; i++) data[i] = deviation * stream.normal();
    } else {
      data.fill(name.endsWith('bias') || name.endsWith('running_mean') ? 0 : 1);
    }
    arrays.set(name, { shape, data });
  }
  return arrays;
}
