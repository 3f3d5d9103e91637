import v8 from 'node:v8';
import vm from 'node:vm';

/** So much of the heap may be in use; past it Node would soon end the whole kernel. */
const fullShare = 0.85;

/** What a cell ends with that has filled the heap. */
export class OutOfMemory extends Error {
  constructor() {
    const { used_heap_size, heap_size_limit } = v8.getHeapStatistics();
    const [used, limit] = [used_heap_size, heap_size_limit].map((bytes) =>
      Math.round(bytes / 2 ** 20),
    );
    super(
      `The cell has filled JavaScript's heap: ${used} of ${limit} MiB. What it has defined is given up, the variables ` +
        'of earlier cells are there. For a larger heap start the lab, or what else starts the kernel, with ' +
        `NODE_OPTIONS=--max-old-space-size=${2 * limit}`,
    );
    this.name = 'OutOfMemory';
  }
}

/** @type {(() => void) | undefined} */
let collect;

/** @throws {OutOfMemory} where the heap is full, with what is really in use */
export function checkHeap() {
  if (!isFull()) return;
  if (collect === undefined) {
    v8.setFlagsFromString('--expose-gc');
    collect = vm.runInNewContext('gc');
  }
  collect?.();
  if (isFull()) throw new OutOfMemory();
}

function isFull() {
  const { used_heap_size, heap_size_limit } = v8.getHeapStatistics();
  return used_heap_size > fullShare * heap_size_limit;
}
