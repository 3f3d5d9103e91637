import { tf } from '../engine/index';
import type { Tensor, Variable } from '../engine/index';
import type { NamedArray, NamedArrays } from '../weights/named-arrays';

/**
 * The numbers of a network by torchvision's names (`layer1.0.conv1.weight`): parameters, which training
 * updates by gradients, and buffers (running statistics of batch norms), which it updates otherwise.
 */
export class ParameterStore {
  readonly parameters = new Map<string, Variable>();
  readonly buffers = new Map<string, Variable>();

  /** @param arrays in PyTorch's layout; names that end in `running_mean` or `running_var` become buffers */
  static fromArrays(arrays: NamedArrays): ParameterStore {
    const store = new ParameterStore();
    tf.tidy(() => {
      for (const [name, array] of arrays) {
        const isBuffer = name.endsWith('running_mean') || name.endsWith('running_var');
        const variable = tf.variable(toEngineLayout(array), !isBuffer);
        (isBuffer ? store.buffers : store.parameters).set(name, variable);
      }
    });
    return store;
  }

  /** The value of a parameter or buffer. Throws for a name that the network does not have. */
  get<T extends Tensor = Tensor>(name: string): T {
    const variable = this.parameters.get(name) ?? this.buffers.get(name);
    if (!variable) throw new Error(`No parameter or buffer is named "${name}".`);
    return variable as Tensor as T;
  }

  /** Sets all values. Throws, before anything is changed, when one is missing or has another shape. */
  assign(arrays: NamedArrays): void {
    for (const [name, { shape }] of this.toArrays()) {
      const found = arrays.get(name)?.shape;
      if (!found || found.join() !== shape.join()) {
        throw new Error(
          `"${name}" should have shape [${shape.join(', ')}], found ${found ? `[${found.join(', ')}]` : 'nothing'}.`,
        );
      }
    }
    tf.tidy(() => {
      for (const [name, variable] of [...this.parameters, ...this.buffers]) {
        variable.assign(toEngineLayout(arrays.get(name) as NamedArray));
      }
    });
  }

  /** Takes the values of another network of the same shape. They share memory until either changes. */
  copyFrom(other: ParameterStore): void {
    for (const [name, variable] of [...this.parameters, ...this.buffers]) {
      variable.assign(other.get(name));
    }
  }

  /** A copy of all values in PyTorch's layout, ready for a weight file. */
  toArrays(): NamedArrays {
    const arrays: NamedArrays = new Map();
    for (const [name, variable] of [...this.parameters, ...this.buffers]) {
      arrays.set(name, toTorchLayout(variable));
    }
    return arrays;
  }

  /** How many numbers the parameters hold, buffers not counted. */
  get size(): number {
    let size = 0;
    for (const variable of this.parameters.values()) size += variable.size;
    return size;
  }

  dispose(): void {
    for (const variable of [...this.parameters.values(), ...this.buffers.values()])
      variable.dispose();
  }
}

/**
 * A new tensor in the engine's layout: a convolution's weight [out, in, height, width] becomes
 * [height, width, in, out], and a transposed convolution's [in, out, height, width] becomes
 * [height, width, out, in], by the same permutation. Other ranks stay as they are.
 */
export function toEngineLayout({ shape, data }: NamedArray): Tensor {
  if (shape.length !== 4) return tf.tensor(data, shape, 'float32');
  return tf.tidy(() => tf.transpose(tf.tensor4d(data, shape as never, 'float32'), [2, 3, 1, 0]));
}

/** The inverse of `toEngineLayout`, copied out of the engine. */
export function toTorchLayout(tensor: Tensor): NamedArray {
  if (tensor.rank !== 4) {
    return { shape: tensor.shape.slice(), data: tensor.dataSync<'float32'>().slice() };
  }
  const transposed = tf.transpose(tensor, [3, 2, 0, 1]);
  const array = { shape: transposed.shape.slice(), data: transposed.dataSync<'float32'>().slice() };
  transposed.dispose();
  return array;
}
