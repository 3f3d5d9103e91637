/**
 * Reads Python pickles without Python: a stack machine with the opcodes that `torch.save` writes
 * (protocols 2 to 5, binary forms only). A pickle can name any function of Python and have it
 * called; here a name means only what `PickleWorld.findGlobal` makes of it, so nothing outside of
 * that is ever run. See https://docs.python.org/3/library/pickletools.html.
 *
 * Python's values become: int -> number (bigint beyond 2^53), float -> number, str -> string,
 * bytes -> Uint8Array, None -> null, bool -> boolean, list and tuple -> array, dict -> Map,
 * set -> Set.
 */
export interface PickleWorld {
  /**
   * What `module.name` stands for. A function is called with the arguments of the pickle, anything
   * else is passed on as it is. Throws for a name that is not allowed.
   */
  findGlobal(module: string, name: string): unknown;
  /** What a persistent id stands for (torch: a storage, kept outside of the pickle). */
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
  POP: 0x30, // 0
  POP_MARK: 0x31, // 1
  DUP: 0x32, // 2
  BINBYTES: 0x42, // B
  SHORT_BINBYTES: 0x43, // C
  BINFLOAT: 0x47, // G
  BININT: 0x4a, // J
  BININT1: 0x4b, // K
  BININT2: 0x4d, // M
  NONE: 0x4e, // N
  BINPERSID: 0x51, // Q
  REDUCE: 0x52, // R
  BINSTRING: 0x54, // T
  SHORT_BINSTRING: 0x55, // U
  BINUNICODE: 0x58, // X
  EMPTY_LIST: 0x5d, // ]
  APPEND: 0x61, // a
  BUILD: 0x62, // b
  GLOBAL: 0x63, // c
  DICT: 0x64, // d
  APPENDS: 0x65, // e
  BINGET: 0x68, // h
  LONG_BINGET: 0x6a, // j
  LIST: 0x6c, // l
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

/** Integers in checkpoints are counts and magic numbers; a longer one is no honest file. */
const maxIntegerBytes = 1024;

/**
 * Reads the pickle that begins at `position`.
 *
 * @returns its value, and the position after it (legacy torch files hold several in a row)
 * @throws PickleError for bytes that end early or make no sense, for opcodes not in the list
 *   above, and with whatever `world` throws
 */
export function unpickle(
  bytes: Uint8Array,
  world: PickleWorld,
  position = 0,
): { value: unknown; position: number } {
  const machine = new PickleMachine(bytes, world, position);
  return { value: machine.run(), position: machine.position };
}

class PickleMachine {
  /** The values since the last MARK; those before it wait in `outer`. */
  private stack: unknown[] = [];
  private readonly outer: unknown[][] = [];
  private readonly memo = new Map<number, unknown>();
  private readonly view: DataView;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly world: PickleWorld,
    public position: number,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  run(): unknown {
    for (;;) {
      const start = this.position;
      const code = this.uint(1);
      if (code === op.STOP) return this.pop();
      if (!this.step(code)) {
        throw new PickleError(
          `pickle opcode 0x${code.toString(16)} at byte ${start}, which torch.save does not write`,
        );
      }
    }
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
      case op.SHORT_BINSTRING: // Python 2's str
        return this.push(this.latin1(this.uint(1)));
      case op.BINSTRING:
        return this.push(this.latin1(this.uint(4)));
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
      case op.POP:
        if (this.stack.length > 0) this.stack.pop();
        else this.popMark();
        return true;
      case op.POP_MARK:
        this.popMark();
        return true;
      case op.DUP:
        return this.push(this.top());

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
      case op.LIST:
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
      case op.DICT: {
        const items = this.popMark();
        return this.push(setItems(new Map(), items));
      }
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
        if (!(set instanceof Set)) throw new PickleError('items added to what is no set');
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
          throw new PickleError('a global whose name is no string');
        }
        return this.push(this.world.findGlobal(module, name));
      }
      case op.REDUCE:
      case op.NEWOBJ: {
        const [callee, args] = this.popMany(2);
        if (typeof callee !== 'function' || !Array.isArray(args)) {
          throw new PickleError('a call of what is no function');
        }
        return this.push(callee(...args));
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
    if (!Array.isArray(list)) throw new PickleError('items appended to what is no list');
    return list;
  }

  private topMap(): Map<unknown, unknown> {
    const map = this.top();
    if (!(map instanceof Map)) throw new PickleError('items set in what is no dict');
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
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(
      this.bytes.subarray(start, start + length),
    );
  }

  private latin1(length: number): string {
    const start = this.advance(length);
    return Buffer.from(this.bytes.subarray(start, start + length)).toString('latin1');
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

function setItems(map: Map<unknown, unknown>, items: unknown[]): Map<unknown, unknown> {
  if (items.length % 2 !== 0) throw new PickleError('a dict item without a value');
  for (let i = 0; i < items.length; i += 2) map.set(items[i], items[i + 1]);
  return map;
}
