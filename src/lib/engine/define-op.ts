import { nativeBackend, tf } from './tensorflow';
import type { Tensor } from './tensorflow';

/** The part of tfjs's engine that an op needs to be on its tape; pinned with the version of tfjs. */
interface Engine {
  state: { kernelDepth: number; gradientDepth: number; activeScope: { id: number } };
  isTapeOn(): boolean;
  keep(tensor: Tensor): Tensor;
  makeTensorFromTensorInfo(info: Pick<Tensor, 'dataId' | 'shape' | 'dtype'>): Tensor;
  addTapeNode(
    name: string,
    inputs: Record<string, Tensor>,
    outputs: Tensor[],
    gradient: (dys: Tensor | Tensor[]) => Record<string, () => Tensor>,
    saved: Tensor[],
    attributes: object,
  ): void;
}

/** A second tensor on the same memory. */
export function share<T extends Tensor>({ dataId, shape, dtype }: T): T {
  nativeBackend().incRef(dataId);
  return tf.engine().makeTensorFromTensorInfo({ dataId, shape, dtype }) as T;
}

/** What the last op's gradient was made of: no longer needed once the next op's turn has come. */
let spent: Tensor[] = [];

export interface OpDefinition<Inputs extends Record<string, Tensor>, Attributes extends object> {
  name: string;
  /**
   * @param save keeps tensors for the gradient: inputs, outputs, or others, which are disposed of when no gradient is
   *   wanted
   */
  forward(
    inputs: Inputs,
    attributes: Attributes,
    save: (...tensors: Tensor[]) => void,
  ): Tensor | Tensor[];
  /**
   * @param dys the gradient with respect to each output
   * @param saved what `forward` saved
   * @param inputs for their shapes; their values may be gone
   * @param useUp marks a tensor that all its gradients are made of, and nothing else is; returns it
   * @returns a function for each input, whose result is a new tensor, none of `dys` or `saved`
   */
  backward(
    dys: Tensor[],
    saved: Tensor[],
    attributes: Attributes,
    inputs: Inputs,
    useUp: (tensor: Tensor) => Tensor,
  ): { [K in keyof Inputs]?: () => Tensor };
}

/**
 * Makes a differentiable op of a forward and a backward function.
 *
 * Unlike `tf.customGrad`, the gradient of each input is a separate function, which tfjs calls only for the inputs
 * that need it: the gradient with respect to the input images or to frozen weights is never computed. And in the
 * backward pass each op gives back its memory as soon as its turn is over, where tfjs keeps all gradients of all
 * activations until the end.
 */
export function defineOp<
  Inputs extends Record<string, Tensor>,
  Attributes extends object = Record<string, never>,
>(
  definition: OpDefinition<Inputs, Attributes>,
): (inputs: Inputs, attributes: Attributes) => Tensor[] {
  return (inputs, attributes) => {
    const engine = tf.engine() as unknown as Engine;
    const isRecorded = engine.isTapeOn();
    let toSave: Tensor[] = [];
    let outputs: Tensor[];
    // What the forward function calls is not recorded on its own.
    engine.state.kernelDepth++;
    try {
      const result = definition.forward(inputs, attributes, (...tensors) => {
        toSave = tensors;
      });
      outputs = Array.isArray(result) ? result : [result];
    } finally {
      engine.state.kernelDepth--;
    }
    const others = new Set([...Object.values<Tensor>(inputs), ...outputs]);
    if (!isRecorded) {
      for (const tensor of toSave) if (!others.has(tensor)) tensor.dispose();
      return outputs;
    }
    const saved = toSave.map((tensor) => engine.keep(others.has(tensor) ? share(tensor) : tensor));
    const gradient = (dy: Tensor | Tensor[]) => {
      const dys = Array.isArray(dy) ? dy : [dy];
      release(engine, dys, saved);
      const useUp = (tensor: Tensor) => {
        spent.push(tensor);
        return tensor;
      };
      return definition.backward(dys, saved, attributes, inputs, useUp) as Record<
        string,
        () => Tensor
      >;
    };
    engine.addTapeNode(definition.name, inputs, outputs, gradient, saved, attributes);
    return outputs;
  };
}

/** Disposes of what the previous op used up, and notes what this one does. */
function release({ state }: Engine, dys: Tensor[], saved: Tensor[]): void {
  for (const tensor of spent) tensor.dispose();
  // A gradient that the caller began with is the caller's; gradients of gradients go this way more than once.
  const own = dys.filter(({ scopeId }) => scopeId === state.activeScope.id);
  spent = state.gradientDepth === 0 ? [...own, ...saved] : [];
}
