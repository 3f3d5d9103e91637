import { ATTRIBUTE_TYPE, DATA_TYPE } from './messages';
import type {
  AttributeProto,
  GraphProto,
  NodeProto,
  TensorProto,
  ValueInfoProto,
} from './messages';

/** A value of the graph, by its name: what one node gives and others take. */
export type Value = string;

/** An attribute's value; numbers are whole ones, the only kind that the detector needs. */
export type Attribute = number | string | readonly number[];

export type ElementType = keyof typeof DATA_TYPE;

/** A size, or the name of one that depends on the data. */
export type Dimension = number | string;

/**
 * Writes an ONNX graph node by node, in the order of computation. Each node is named as the value that it gives.
 */
export class GraphBuilder {
  private readonly nodes: NodeProto[] = [];
  private readonly constants: TensorProto[] = [];
  private readonly inputs: ValueInfoProto[] = [];
  private readonly outputs: ValueInfoProto[] = [];
  private readonly names = new Set<string>();

  /** A value that the graph's user provides. */
  input(name: string, type: ElementType, dimensions: readonly Dimension[], doc: string): Value {
    this.inputs.push(valueInfo(this.take(name), type, dimensions, doc));
    return name;
  }

  /** Makes a float32 value one that the graph's user gets. */
  output(value: Value, dimensions: readonly Dimension[], doc: string): void {
    this.require(value);
    this.outputs.push(valueInfo(value, 'float', dimensions, doc));
  }

  /** A constant. @throws Error when the number of values does not fit the shape */
  constant(name: string, shape: readonly number[], data: Float32Array | BigInt64Array): Value {
    const count = shape.reduce((product, size) => product * size, 1);
    if (data.length !== count) {
      throw new Error(`"${name}": expected ${count} values for its shape, found ${data.length}.`);
    }
    this.constants.push({
      name: this.take(name),
      dataType: data instanceof Float32Array ? DATA_TYPE.float : DATA_TYPE.int64,
      dims: [...shape],
      // In the machine's byte order, which is little-endian wherever the runtime exists.
      rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    });
    return name;
  }

  /** A constant list of whole numbers, as sizes and axes are given. */
  integers(name: string, values: readonly number[]): Value {
    return this.constant(name, [values.length], BigInt64Array.from(values, BigInt));
  }

  /** A constant list of float32 numbers. */
  floats(name: string, values: readonly number[]): Value {
    return this.constant(name, [values.length], Float32Array.from(values));
  }

  /**
   * An operation with one result, which gets the node's name.
   *
   * @param inputs in ONNX's order; '' for an optional one that is left out
   * @throws Error when an input is not there yet or the name is taken
   */
  node(
    name: string,
    operator: string,
    inputs: readonly Value[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): Value {
    this.add(name, operator, inputs, [this.take(name)], attributes);
    return name;
  }

  /** Bilinearly, with half-pixel centres: [b, c, h, w] to [b, c, factor h, factor w]. */
  upsample(name: string, x: Value, factor: number): Value {
    const scales = this.floats(`${name}/scales`, [1, 1, factor, factor]);
    return this.node(name, 'Resize', [x, '', scales], {
      mode: 'linear',
      coordinate_transformation_mode: 'half_pixel',
    });
  }

  /** The places of the k largest values of each row, the largest first: [rows, values] to [rows, k]. */
  topIndices(name: string, x: Value, k: number): Value {
    const outputs = [this.take(`${name}/values`), this.take(name)];
    this.add(name, 'TopK', [x, this.integers(`${name}/k`, [k])], outputs, { axis: 1 });
    return name;
  }

  /** The largest values of each row, the largest first: [rows, values] to [rows, count]. @param count [1], int64 */
  topValues(name: string, x: Value, count: Value): Value {
    const outputs = [this.take(name), this.take(`${name}/indices`)];
    this.add(name, 'TopK', [x, count], outputs, { axis: 1 });
    return name;
  }

  private add(
    name: string,
    operator: string,
    inputs: readonly Value[],
    outputs: Value[],
    attributes: Readonly<Record<string, Attribute>>,
  ): void {
    for (const input of inputs) if (input !== '') this.require(input);
    this.nodes.push({
      name,
      opType: operator,
      input: [...inputs],
      output: outputs,
      attribute: Object.entries(attributes).map(([key, value]) => attribute(key, value)),
    });
  }

  finish(name: string): GraphProto {
    return {
      name,
      node: this.nodes,
      initializer: this.constants,
      input: this.inputs,
      output: this.outputs,
    };
  }

  private take(name: string): string {
    if (this.names.has(name)) throw new Error(`The graph has two values named "${name}".`);
    this.names.add(name);
    return name;
  }

  private require(value: Value): void {
    if (!this.names.has(value)) throw new Error(`The graph has no value named "${value}" so far.`);
  }
}

function valueInfo(
  name: string,
  type: ElementType,
  dimensions: readonly Dimension[],
  docString: string,
): ValueInfoProto {
  const dim = dimensions.map((size) =>
    typeof size === 'number' ? { dimValue: size } : { dimParam: size },
  );
  return { name, docString, type: { tensorType: { elemType: DATA_TYPE[type], shape: { dim } } } };
}

function attribute(name: string, value: Attribute): AttributeProto {
  if (typeof value === 'string') {
    return { name, type: ATTRIBUTE_TYPE.string, s: Buffer.from(value) };
  }
  if (typeof value === 'number') return { name, type: ATTRIBUTE_TYPE.int, i: value };
  return { name, type: ATTRIBUTE_TYPE.ints, ints: [...value] };
}
