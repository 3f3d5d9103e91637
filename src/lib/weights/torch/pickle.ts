/**
 * Reads Python pickles without Python: a stack machine with the opcodes that Python 3 writes for
 * plain containers (protocols 2 to 5). A pickle can name any function of Python and have it called;
 * here a name means only what `PickleWorld.findGlobal` makes of it, so nothing outside that is
 * ever run. See https://docs.python.org/3/library/pickletools.html.
 *
 * An instruction takes at least one byte and adds at most one value, so that time and memory are
 * in proportion to the pickle. What it makes may still be huge to walk through: a tuple that holds
 * another one twice, which holds another one twice, and so on for 30 bytes. So nothing here, and
 * nothing that uses the values, follows them down or prints more of them than their type.
 *
 * Python's values become: int -> number (bigint beyond 2^53), float -> number, str -> string,
 * bytes -> Uint8Array, None -> null, bool -> boolean, list and tuple -> array, dict -> Map,
 * set -> Set.
 */
export interface PickleWorld {
  /**
   * What `module.name` stands for. A function is called with the list of the pickle's arguments,
   * in a time that does not depend on them; anything else is passed on as it is. Throws for a name
   * that is not allowed.
   */
  findGlobal(module: string, name: string): unknown;
  /** What a persistent id stands for (torch: a storage, kept outside the pickle). */
  persistentLoad(id: unknown): unknown;
}

export class PickleError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'PickleError';
  }
}

const op = {
  MARK: 0x28, // (
  EMPTY_TUPLE: 0x29, // )
  STOP: 0x2e, // .
  BINBYTES: 0x42, // B
  SHORT_BINBYTES: 0x43, // C
  BINFLOAT: 0x47, // G
  BININT: 0x4a, // J
  BININT1: 0x4b, // K
  BININT2: 0x4d, // M
  NONE: 0x4e, // N
  BINPERSID: 0x51, // Q
  REDUCE: 0x52, // R
  BINUNICODE: 0x58, // X
  EMPTY_LIST: 0x5d, // ]
  APPEND: 0x61, // a
  BUILD: 0x62, // b
  GLOBAL: 0x63, // c
  APPENDS: 0x65, // e
  BINGET: 0x68, // h
  LONG_BINGET: 0x6a, // j
  BINPUT: 0x71, // q
  LONG_BINPUT: 0x72, // r
  SETITEM: 0x73, // s
  TUPLE: 0x74, // t
  SETITEMS: 0x75, // u
  EMPTY_DICT: 0x7d, // }
  PROTO: 0x80,
  NEWOBJ: 0x81,
  TUPLE1: 0x85,
  TUPLE2: 0x86,
  TUPLE3: 0x87,
  NEWTRUE: 0x88,
  NEWFALSE: 0x89,
  LONG1: 0x8a,
  LONG4: 0x8b,
  SHORT_BINUNICODE: 0x8c,
  BINUNICODE8: 0x8d,
  BINBYTES8: 0x8e,
  EMPTY_SET: 0x8f,
  ADDITEMS: 0x90,
  STACK_GLOBAL: 0x93,
  MEMOIZE: 0x94,
  FRAME: 0x95,
} as const;

/** Integers in checkpoints are counts and seeds of at most 128 bits; a longer one has no use. */
const maxIntegerBytes = 64;

/**
 * A tensor takes about 40 instructions, so this is enough for 12 000 of them (ResNet-18 has 122);
 * and that many empty dicts, the largest value that an instruction makes, take some 120 MB.
 */
export const maxInstructions = 500_000;

/**
 * The value of a pickle.
 *
 * @throws PickleError for bytes that end early or make no sense, for opcodes not in the list above,
 *   for more than `maxInstructions`, and with whatever `world` throws
 */
export function unpickle(bytes: Uint8Array, world: PickleWorld): unknown {
  return new PickleMachine(bytes, world).run();
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

class PickleMachine {
  /** The values since the last MARK; those before it wait in `outer`. */
  private stack: unknown[] = [];
  private readonly outer: unknown[][] = [];
  private readonly memo = new Map<number, unknown>();
  private readonly view: DataView;
  private position = 0;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly world: PickleWorld,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  run(): unknown {
    for (let count = 0; count < maxInstructions; count++) {
      const start = this.position;
      const code = this.uint(1);
      if (code === op.STOP) return this.pop();
      if (!this.step(code)) {
        throw new PickleError(
          `pickle opcode 0x${code.toString(16)} at byte ${start}, which torch.save does not write`,
        );
      }
    }
    throw new PickleError(`a pickle of more than ${maxInstructions} instructions`);
  }

  /** Runs one instruction; false when it is unknown. */
  private step(code: number): boolean {
    switch (code) {
      case op.PROTO: {
        const protocol = this.uint(1);
        if (protocol > 5) throw new PickleError(`pickle protocol ${protocol}, newer than 5`);
        return true;
      }
      case op.FRAME:
        this.long(); // a hint for buffered readers
        return true;

      case op.NONE:
        return this.push(null);
      case op.NEWTRUE:
        return this.push(true);
      case op.NEWFALSE:
        return this.push(false);
      case op.BININT:
        return this.push(this.view.getInt32(this.advance(4), true));
      case op.BININT1:
        return this.push(this.uint(1));
      case op.BININT2:
        return this.push(this.uint(2));
      case op.LONG1:
        return this.push(this.bigInteger(this.uint(1)));
      case op.LONG4:
        return this.push(this.bigInteger(this.uint(4)));
      case op.BINFLOAT:
        return this.push(this.view.getFloat64(this.advance(8), false));
      case op.BINUNICODE:
        return this.push(this.text(this.uint(4)));
      case op.SHORT_BINUNICODE:
        return this.push(this.text(this.uint(1)));
      case op.BINUNICODE8:
        return this.push(this.text(this.long()));
      case op.SHORT_BINBYTES:
        return this.push(this.blob(this.uint(1)));
      case op.BINBYTES:
        return this.push(this.blob(this.uint(4)));
      case op.BINBYTES8:
        return this.push(this.blob(this.long()));

      case op.MARK:
        this.outer.push(this.stack);
        this.stack = [];
        return true;

      case op.EMPTY_TUPLE:
      case op.EMPTY_LIST:
        return this.push([]);
      case op.TUPLE1:
        return this.push(this.popMany(1));
      case op.TUPLE2:
        return this.push(this.popMany(2));
      case op.TUPLE3:
        return this.push(this.popMany(3));
      case op.TUPLE:
        return this.push(this.popMark());
      case op.APPEND: {
        const [item] = this.popMany(1);
        this.topList().push(item);
        return true;
      }
      case op.APPENDS: {
        const items = this.popMark();
        const list = this.topList();
        for (const item of items) list.push(item);
        return true;
      }
      case op.EMPTY_DICT:
        return this.push(new Map());
      case op.SETITEM: {
        const items = this.popMany(2);
        setItems(this.topMap(), items);
        return true;
      }
      case op.SETITEMS: {
        const items = this.popMark();
        setItems(this.topMap(), items);
        return true;
      }
      case op.EMPTY_SET:
        return this.push(new Set());
      case op.ADDITEMS: {
        const items = this.popMark();
        const set = this.top();
        if (!(set instanceof Set))
          throw new PickleError('items added to something that is not a set');
        for (const item of items) set.add(item);
        return true;
      }

      case op.BINPUT:
        this.memo.set(this.uint(1), this.top());
        return true;
      case op.LONG_BINPUT:
        this.memo.set(this.uint(4), this.top());
        return true;
      case op.MEMOIZE:
        this.memo.set(this.memo.size, this.top());
        return true;
      case op.BINGET:
        return this.push(this.recall(this.uint(1)));
      case op.LONG_BINGET:
        return this.push(this.recall(this.uint(4)));

      case op.GLOBAL: {
        const module = this.line();
        return this.push(this.world.findGlobal(module, this.line()));
      }
      case op.STACK_GLOBAL: {
        const [module, name] = this.popMany(2);
        if (typeof module !== 'string' || typeof name !== 'string') {
          throw new PickleError('a global whose name is not a string');
        }
        return this.push(this.world.findGlobal(module, name));
      }
      case op.REDUCE:
      case op.NEWOBJ: {
        const [callee, args] = this.popMany(2);
        if (typeof callee !== 'function' || !Array.isArray(args)) {
          throw new PickleError('a call of something that is not a function');
        }
        return this.push(callee(args));
      }
      case op.BUILD:
        // Attributes set on an object already made: a state dict's `_metadata`, a parameter's
        // `requires_grad`. None of them matters for the values.
        this.popMany(1);
        this.top();
        return true;
      case op.BINPERSID:
        return this.push(this.world.persistentLoad(this.pop()));
    }
    return false;
  }

  private push(value: unknown): true {
    this.stack.push(value);
    return true;
  }

  private popMany(count: number): unknown[] {
    if (this.stack.length < count) throw new PickleError('a pickle that takes from an empty stack');
    return this.stack.splice(this.stack.length - count);
  }

  private pop(): unknown {
    return this.popMany(1)[0];
  }

  private popMark(): unknown[] {
    const items = this.stack;
    const outer = this.outer.pop();
    if (!outer) throw new PickleError('a pickle that goes back to a mark it never set');
    this.stack = outer;
    return items;
  }

  private top(): unknown {
    if (this.stack.length === 0) throw new PickleError('a pickle that looks at an empty stack');
    return this.stack[this.stack.length - 1];
  }

  private topList(): unknown[] {
    const list = this.top();
    if (!Array.isArray(list))
      throw new PickleError('items appended to something that is not a list');
    return list;
  }

  private topMap(): Map<unknown, unknown> {
    const map = this.top();
    if (!(map instanceof Map)) throw new PickleError('items set in something that is not a dict');
    return map;
  }

  private recall(index: number): unknown {
    if (!this.memo.has(index)) throw new PickleError(`memo ${index}, which was never stored`);
    return this.memo.get(index);
  }

  /** Moves over `length` bytes and returns where they begin. */
  private advance(length: number): number {
    const start = this.position;
    if (length > this.bytes.length - start) {
      throw new PickleError(
        `a pickle that ends at byte ${this.bytes.length}, within an instruction`,
      );
    }
    this.position = start + length;
    return start;
  }

  private uint(size: 1 | 2 | 4): number {
    const start = this.advance(size);
    if (size === 1) return this.view.getUint8(start);
    return size === 2 ? this.view.getUint16(start, true) : this.view.getUint32(start, true);
  }

  private long(): number {
    return Number(this.view.getBigUint64(this.advance(8), true));
  }

  private blob(length: number): Uint8Array {
    const start = this.advance(length);
    return new Uint8Array(this.bytes.subarray(start, start + length));
  }

  private text(length: number): string {
    const start = this.advance(length);
    // Python allows lone surrogates here, hence no fatal decoding.
    return utf8.decode(this.bytes.subarray(start, start + length));
  }

  private line(): string {
    const end = this.bytes.indexOf(0x0a, this.position);
    const text = this.text((end < 0 ? this.bytes.length : end) - this.position);
    this.advance(1);
    return text;
  }

  /** Little-endian two's complement of any length. */
  private bigInteger(length: number): number | bigint {
    if (length > maxIntegerBytes) throw new PickleError(`an integer of ${length} bytes`);
    const start = this.advance(length);
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.bytes[start + i]);
    value = BigInt.asIntN(8 * length, value);
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }
}

function setItems(map: Map<unknown, unknown>, items: unknown[]): void {
  if (items.length % 2 !== 0) throw new PickleError('a dict item without a value');
  for (let i = 0; i < items.length; i += 2) map.set(items[i], items[i + 1]);
}
