import type * as protobuf from 'protobufjs/light';

/**
 * The part of ONNX's file format that the lab writes: a subset of the messages of onnx.proto3
 * (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3), with that file's field numbers.
 */

/** TensorProto.DataType */
export const DATA_TYPE = { float: 1, uint8: 2, int8: 3, int32: 6, int64: 7 } as const;

/** AttributeProto.AttributeType */
export const ATTRIBUTE_TYPE = { int: 2, string: 3, ints: 7 } as const;

/** One attribute of a node; `type` says which value it has. */
export interface AttributeProto {
  name: string;
  type: number;
  i?: number;
  s?: Uint8Array;
  ints?: number[];
}

/** One operation: named values go in and come out. */
export interface NodeProto {
  name: string;
  opType: string;
  input: string[];
  output: string[];
  attribute: AttributeProto[];
}

/** A constant, its values as little-endian bytes. */
export interface TensorProto {
  name: string;
  dataType: number;
  dims: number[];
  rawData: Uint8Array;
}

/** A size, or the name of one that depends on the data: equal names, equal sizes. */
export interface DimensionProto {
  dimValue?: number;
  dimParam?: string;
}

/** An input or output of the graph. */
export interface ValueInfoProto {
  name: string;
  docString?: string;
  type: { tensorType: { elemType: number; shape: { dim: DimensionProto[] } } };
}

export interface GraphProto {
  name: string;
  node: NodeProto[];
  initializer: TensorProto[];
  input: ValueInfoProto[];
  output: ValueInfoProto[];
}

/** What an ONNX file says of itself, besides its graph. */
export interface ModelHeader {
  irVersion: number;
  opsetImport: { domain?: string; version: number }[];
  producerName: string;
  producerVersion: string;
  docString: string;
  metadataProps: { key: string; value: string }[];
}

export interface ModelProto extends ModelHeader {
  graph: GraphProto;
}

/** Lists are written as proto2 writes them, one entry after the other, which every reader understands. */
const list = (type: string, id: number) => ({
  rule: 'repeated' as const,
  type,
  id,
  options: { packed: false },
});
const one = (type: string, id: number) => ({ type, id });

const HEADER = {
  irVersion: one('int64', 1),
  producerName: one('string', 2),
  producerVersion: one('string', 3),
  docString: one('string', 6),
  opsetImport: list('OperatorSetIdProto', 8),
  metadataProps: list('StringStringEntryProto', 14),
};

const DEFINITIONS: protobuf.INamespace = {
  nested: {
    ModelProto: { fields: { ...HEADER, graph: one('GraphProto', 7) } },
    // A reader that does not know the graph skips it.
    ModelHeader: { fields: HEADER },
    OperatorSetIdProto: { fields: { domain: one('string', 1), version: one('int64', 2) } },
    StringStringEntryProto: { fields: { key: one('string', 1), value: one('string', 2) } },
    GraphProto: {
      fields: {
        node: list('NodeProto', 1),
        name: one('string', 2),
        initializer: list('TensorProto', 5),
        input: list('ValueInfoProto', 11),
        output: list('ValueInfoProto', 12),
      },
    },
    NodeProto: {
      fields: {
        input: list('string', 1),
        output: list('string', 2),
        name: one('string', 3),
        opType: one('string', 4),
        attribute: list('AttributeProto', 5),
      },
    },
    AttributeProto: {
      fields: {
        name: one('string', 1),
        i: one('int64', 3),
        s: one('bytes', 4),
        ints: list('int64', 8),
        type: one('int32', 20),
      },
    },
    TensorProto: {
      fields: {
        dims: list('int64', 1),
        dataType: one('int32', 2),
        name: one('string', 8),
        rawData: one('bytes', 9),
      },
    },
    ValueInfoProto: {
      fields: { name: one('string', 1), type: one('TypeProto', 2), docString: one('string', 3) },
    },
    TypeProto: { fields: { tensorType: one('TensorTypeProto', 1) } },
    TensorTypeProto: {
      fields: { elemType: one('int32', 1), shape: one('TensorShapeProto', 2) },
    },
    TensorShapeProto: { fields: { dim: list('DimensionProto', 1) } },
    DimensionProto: { fields: { dimValue: one('int64', 1), dimParam: one('string', 2) } },
  },
};

let root: protobuf.Root | undefined;

/** Loaded when a file is written or read: what only trains or draws does not pay for it. */
function messageType(name: 'ModelProto' | 'ModelHeader'): protobuf.Type {
  const { Root } = require('protobufjs/light') as typeof protobuf;
  root ??= Root.fromJSON(DEFINITIONS);
  return root.lookupType(name);
}

/** The bytes of an ONNX file. */
export function encodeModel(model: ModelProto): Uint8Array {
  const type = messageType('ModelProto');
  const fault = type.verify(model as unknown as Record<string, unknown>);
  if (fault) throw new Error(`Expected an ONNX model, found an invalid message: ${fault}.`);
  return type.encode(model).finish();
}

/**
 * What an ONNX file says of itself; the graph is skipped.
 *
 * @throws Error when the bytes are not a protocol-buffer message
 */
export function decodeHeader(bytes: Uint8Array): ModelHeader {
  const type = messageType('ModelHeader');
  return type.toObject(type.decode(bytes), {
    longs: Number,
    defaults: true,
    arrays: true,
  }) as ModelHeader;
}

/**
 * An ONNX file that the lab wrote, as it was before it was written.
 *
 * @throws Error when the bytes are not a protocol-buffer message
 */
export function decodeModel(bytes: Uint8Array): ModelProto {
  const type = messageType('ModelProto');
  return type.toObject(type.decode(bytes), { longs: Number, arrays: true }) as ModelProto;
}

/** A float32 constant of an ONNX file. */
export interface Weights {
  dims: number[];
  /** Where its values begin in the file; null where they are not stored as bytes. */
  offset: number | null;
}

/**
 * Where the float32 constants of a file that the lab wrote lie in it.
 *
 * @throws Error when the bytes are not a protocol-buffer message
 */
export function decodeWeights(bytes: Uint8Array): Weights[] {
  const { graph } = messageType('ModelProto').decode(bytes) as unknown as {
    graph: { initializer: TensorProto[] };
  };
  return graph.initializer
    .filter(({ dataType }) => dataType === DATA_TYPE.float)
    .map(({ dims, rawData }) => ({
      dims: dims.map(Number),
      // Decoded bytes are a view of the file's.
      offset: rawData.buffer === bytes.buffer ? rawData.byteOffset - bytes.byteOffset : null,
    }));
}
