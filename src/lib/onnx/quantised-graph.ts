import { ATTRIBUTE_TYPE, DATA_TYPE } from './messages';
import type { GraphProto, NodeProto, TensorProto } from './messages';

/**
 * A detector's networks in 8-bit integers, as pairs of QuantizeLinear and DequantizeLinear around what is computed so
 * (ONNX's QDQ form): a runtime that finds such pairs around an operation computes it on the integers, any other computes
 * the same in float32. Activations are uint8 with one scale a tensor, weights int8 with one a channel, symmetric about 0,
 * biases int32 on the scale of what is summed. Everything behind the networks' features stays float32: level maps are
 * small differences of nearly equal vectors.
 */

/** The lowest and the highest value of an activation while good pictures went through the network. */
export interface Range {
  low: number;
  high: number;
}

/** Ranges of a graph's values, by name. */
export type Ranges = ReadonlyMap<string, Range>;

/**
 * Bits of a weight. Processors without instructions for it (VNNI, or ARM's) add two products of 8 bits in 16, where 8
 * bits of weight are too many: the sum saturates, and scores become others by a factor of ten. With 7 it cannot, and
 * scores are as near to float32's as with 8: the activations' rounding decides.
 */
export const INT8_WEIGHT_BITS = 7;

/** The parts of the networks, in the order of computation, each of which is computed in integers or not. */
export function quantisableParts(graph: GraphProto): string[] {
  return [...new Set(graph.node.filter(isQuantisable).map(({ name }) => partOf(name)!))];
}

/** The values whose ranges `quantisedGraph` needs. */
export function valuesToCalibrate(graph: GraphProto): string[] {
  return [...planOf(graph, new Set(quantisableParts(graph))).keys()];
}

/** The names of what `withRanges` gives of a value. */
export const rangeNames = (value: string): [low: string, high: string] => [
  `${value}/low`,
  `${value}/high`,
];

/** A graph that also gives the lowest and the highest of these values, over all of a batch. */
export function withRanges(graph: GraphProto, values: readonly string[]): GraphProto {
  const extremes = values.flatMap((value) => {
    const [low, high] = rangeNames(value);
    return [
      node(low, 'ReduceMin', [value], { keepdims: 0 }),
      node(high, 'ReduceMax', [value], { keepdims: 0 }),
    ];
  });
  return {
    ...graph,
    node: [...graph.node, ...extremes],
    output: [
      ...graph.output,
      ...extremes.map(({ name }) => ({
        name,
        type: { tensorType: { elemType: DATA_TYPE.float, shape: { dim: [] } } },
      })),
    ],
  };
}

/**
 * The graph with these parts in integers, the others as they are.
 *
 * @param ranges of `valuesToCalibrate`
 * @param parts some of `quantisableParts`
 * @throws Error when a range is missing, or not of numbers
 */
export function quantisedGraph(
  graph: GraphProto,
  ranges: Ranges,
  parts: ReadonlySet<string>,
): GraphProto {
  const constants = new Map(graph.initializer.map((tensor) => [tensor.name, tensor]));
  const stored = planOf(graph, parts);
  const nodes: NodeProto[] = [];
  /** What is computed in integers gives a value in 8 bits; what it was before is known to nobody. */
  const inInteger = new Set<string>();
  const isInteger = (each: NodeProto) => isQuantisable(each) && parts.has(partOf(each.name)!);
  const scaleOf = (value: string) => activationScale(rangeOf(ranges, stored.get(value)!));

  const store = (value: string) => {
    const source = stored.get(value)!;
    const { scale, zeroPoint } = scaleOf(value);
    const names = [`${source}/scale`, `${source}/zero_point`];
    if (!constants.has(names[0])) {
      constants.set(names[0], floats(names[0], [], [scale]));
      constants.set(names[1], bytes(names[1], [], Uint8Array.of(zeroPoint)));
    }
    nodes.push(node(`${value}/quantised`, 'QuantizeLinear', [value, ...names]));
    const stored8 = [`${value}/quantised`, ...names];
    nodes.push(node(`${value}/dequantised`, 'DequantizeLinear', stored8));
  };
  const parametersOf = ({ input: [x, weight, bias] }: NodeProto): string[] => {
    const quantised = quantisedConvolution(
      constants.get(weight)!,
      constants.get(bias)!,
      scaleOf(x).scale,
    );
    return quantised.map(({ values, scales, zeroPoints }) => {
      constants.delete(values.name);
      const name = `${values.name}/dequantised`;
      const inputs = [values, scales, zeroPoints].map((tensor) => {
        const named = tensor === values ? { ...tensor, name: `${tensor.name}/quantised` } : tensor;
        constants.set(named.name, named);
        return named.name;
      });
      nodes.push(node(name, 'DequantizeLinear', inputs, { axis: 0 }));
      return name;
    });
  };

  for (const each of graph.node) {
    const input = each.input.map((value) =>
      stored.has(value) && (isInteger(each) || inInteger.has(value))
        ? `${value}/dequantised`
        : value,
    );
    if (isInteger(each) && isConvolution(each)) input.splice(1, 2, ...parametersOf(each));
    nodes.push({ ...each, input });
    for (const value of each.output) {
      if (!stored.has(value)) continue;
      if (isInteger(producer(graph, value))) inInteger.add(value);
      store(value);
    }
  }
  return { ...graph, node: nodes, initializer: [...constants.values()] };
}

/** How an auto-encoder's layers are named, see `autoEncoderPrefix`, and a backbone's, see `backboneGraph`. */
const PART = /^(?:(?:teacher|student)\/(?:layer\d+\.\d+|conv1|maxpool)|autoencoder\d+\.[^.]+)/;

/** The part that a node is of; null behind the networks. */
function partOf(name: string): string | null {
  return PART.exec(name)?.[0].replace('maxpool', 'conv1') ?? null;
}

const isConvolution = ({ opType }: NodeProto) => opType === 'Conv';

/** Gives some of the values that it takes, and no others: they keep their scale. */
const isChoice = ({ opType }: NodeProto) => opType === 'MaxPool' || opType === 'DepthToSpace';

function isQuantisable(each: NodeProto): boolean {
  const isOperator =
    isConvolution(each) || isChoice(each) || ['Add', 'Concat'].includes(each.opType);
  return isOperator && partOf(each.name) !== null;
}

/**
 * The graph with each transposed convolution of non-overlapping windows as a convolution of 1 x 1 that gives all places of
 * a window as channels, and their move to their places: the same sums. ONNX Runtime knows transposed convolutions in
 * float32 alone, and would make their integers floating-point numbers again for each image.
 */
export function withoutTransposedConvolutions(graph: GraphProto): GraphProto {
  const constants = new Map(graph.initializer.map((tensor) => [tensor.name, tensor]));
  const nodes = graph.node.flatMap((each) => {
    if (each.opType !== 'ConvTranspose') return [each];
    const [x, weight, bias] = each.input;
    const tensor = constants.get(weight)!;
    const [inputs, outputs, side, columns] = tensor.dims;
    const strides = each.attribute.find(({ name }) => name === 'strides')?.ints ?? [];
    if (side !== columns || strides.some((stride) => stride !== side)) return [each];
    const data = float32Of(tensor);
    const places = side * side;
    const moved = new Float32Array(data.length);
    for (let input = 0; input < inputs; input++) {
      for (let output = 0; output < outputs; output++) {
        for (let place = 0; place < places; place++) {
          moved[(place * outputs + output) * inputs + input] =
            data[(input * outputs + output) * places + place];
        }
      }
    }
    const biases = float32Of(constants.get(bias)!);
    const repeated = Float32Array.from({ length: places * outputs }, (_, i) => biases[i % outputs]);
    constants.set(weight, floats(weight, [places * outputs, inputs, 1, 1], moved));
    constants.set(bias, floats(bias, [places * outputs], repeated));
    const name = `${each.name}/places`;
    return [
      node(name, 'Conv', [x, weight, bias]),
      { ...node(each.name, 'DepthToSpace', [name], { blocksize: side }), output: each.output },
    ];
  });
  return { ...graph, node: nodes, initializer: [...constants.values()] };
}

/**
 * Which values are in 8 bits when these parts are in integers, each with the value whose range it has: its own, but
 * behind a choice that of what it is taken from.
 */
function planOf(graph: GraphProto, parts: ReadonlySet<string>): Map<string, string> {
  const plan = new Map<string, string>();
  for (const each of graph.node) {
    if (!isQuantisable(each) || !parts.has(partOf(each.name)!)) continue;
    const inputs = isConvolution(each) ? [each.input[0]] : each.input;
    for (const value of inputs) if (!plan.has(value)) plan.set(value, value);
    const [output] = each.output;
    const source = isChoice(each) ? plan.get(inputs[0])! : null;
    const last = activated(graph, output);
    if (!plan.has(last)) plan.set(last, source ?? last);
  }
  return plan;
}

/** Behind a rectifier, where there is one: it costs integers nothing, for their range then begins at 0. */
function activated(graph: GraphProto, value: string): string {
  const users = graph.node.filter(({ input }) => input.includes(value));
  return users.length === 1 && users[0].opType === 'Relu' ? users[0].output[0] : value;
}

/** What gives a value, the rectifier's argument in place of the rectifier. */
function producer(graph: GraphProto, value: string): NodeProto {
  const found = graph.node.find(({ output }) => output.includes(value))!;
  return found.opType === 'Relu' ? producer(graph, found.input[0]) : found;
}

function rangeOf(ranges: Ranges, value: string): Range {
  const range = ranges.get(value);
  if (range && Number.isFinite(range.low) && Number.isFinite(range.high)) return range;
  const found = range ? `${range.low} to ${range.high}` : 'none';
  throw new Error(`Expected the range of "${value}" as numbers, found ${found}.`);
}

/** Zero is one of the 256 steps: padding is made of it. */
function activationScale({ low, high }: Range): { scale: number; zeroPoint: number } {
  const [least, most] = [Math.min(0, low), Math.max(0, high)];
  const scale = Math.fround((most - least) / 255) || 1;
  return { scale, zeroPoint: Math.min(255, Math.max(0, Math.round(-least / scale))) };
}

/** Integers with the scale of each output channel, their first axis. */
interface QuantisedTensor {
  values: TensorProto;
  scales: TensorProto;
  zeroPoints: TensorProto;
}

/** A bias keeps at least this many steps of its channel's scale, and far fewer than int32 has. */
const BIAS_STEPS = 2 ** 24;

/**
 * @param weight its output channels first
 * @param inputScale of what it is multiplied with
 */
function quantisedConvolution(
  weight: TensorProto,
  bias: TensorProto,
  inputScale: number,
): [QuantisedTensor, QuantisedTensor] {
  const data = float32Of(weight);
  const biases = float32Of(bias);
  for (const [{ name }, values] of [[weight, data] as const, [bias, biases] as const]) {
    if (!values.every(Number.isFinite)) {
      throw new Error(`"${name}": expected numbers, found NaN or an infinite one.`);
    }
  }
  const [channels] = weight.dims;
  const inner = data.length / channels;
  const channelOf = (i: number) => Math.floor(i / inner);
  const limit = 2 ** (INT8_WEIGHT_BITS - 1) - 1;
  const largest = new Float32Array(channels);
  data.forEach((value, i) => {
    const channel = channelOf(i);
    largest[channel] = Math.max(largest[channel], Math.abs(value));
  });
  const scales = largest.map(
    (value, channel) =>
      Math.max(value / limit, Math.abs(biases[channel]) / (inputScale * BIAS_STEPS)) || 1,
  );
  const steps = Int8Array.from(data, (value, i) =>
    Math.min(limit, Math.max(-limit, Math.round(value / scales[channelOf(i)]))),
  );
  const biasScales = scales.map((scale) => scale * inputScale);
  const biasSteps = Int32Array.from(biases, (value, channel) =>
    Math.round(value / biasScales[channel]),
  );
  const of = (
    { name, dims }: TensorProto,
    dataType: number,
    values: Int8Array | Int32Array,
    zeros: Int8Array | Int32Array,
    scales: Float32Array,
  ): QuantisedTensor => ({
    values: { name, dataType, dims, rawData: bytesOf(values) },
    scales: floats(`${name}/scale`, [channels], scales),
    zeroPoints: {
      name: `${name}/zero_point`,
      dataType,
      dims: [channels],
      rawData: bytesOf(zeros),
    },
  });
  return [
    of(weight, DATA_TYPE.int8, steps, new Int8Array(channels), scales),
    of(bias, DATA_TYPE.int32, biasSteps, new Int32Array(channels), biasScales),
  ];
}

function float32Of({ name, dataType, rawData }: TensorProto): Float32Array {
  if (dataType !== DATA_TYPE.float) throw new Error(`"${name}": expected float32 weights.`);
  return new Float32Array(new Uint8Array(rawData).buffer);
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
  new Uint8Array(buffer, byteOffset, byteLength);

function floats(name: string, dims: number[], values: ArrayLike<number>): TensorProto {
  return { name, dataType: DATA_TYPE.float, dims, rawData: bytesOf(Float32Array.from(values)) };
}

function bytes(name: string, dims: number[], rawData: Uint8Array): TensorProto {
  return { name, dataType: DATA_TYPE.uint8, dims, rawData };
}

function node(
  name: string,
  opType: string,
  input: string[],
  attributes: Record<string, number> = {},
): NodeProto {
  const attribute = Object.entries(attributes).map(([name, i]) => ({
    name,
    type: ATTRIBUTE_TYPE.int,
    i,
  }));
  return { name, opType, input, output: [name], attribute };
}
