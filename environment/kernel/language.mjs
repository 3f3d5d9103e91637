// What of JavaScript's standard library the cells have: what TypeScript declares is what Node has.

/** @typedef {(items: Iterable<unknown>, keyOf: (item: unknown, i: number) => any) => unknown} GroupBy */

/**
 * Functions of ES2024 that Node has from 21 or 22 on, each as its specification describes it.
 * @type {[owner: object, name: string, value: Function][]}
 */
const functionsOf2024 = [
  [
    Object,
    'groupBy',
    /** @type {GroupBy} */ (items, keyOf) => {
      const groups = Object.create(null);
      let i = 0;
      for (const item of items) (groups[keyOf(item, i++)] ??= []).push(item);
      return groups;
    },
  ],
  [
    Map,
    'groupBy',
    /** @type {GroupBy} */ (items, keyOf) => {
      const groups = new Map();
      let i = 0;
      for (const item of items) {
        const key = keyOf(item, i++);
        const group = groups.get(key);
        if (group === undefined) groups.set(key, [item]);
        else group.push(item);
      }
      return groups;
    },
  ],
  [
    Promise,
    'withResolvers',
    () => {
      /** @type {any} */
      const parts = {};
      parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
      return parts;
    },
  ],
];
for (const [owner, name, value] of functionsOf2024) {
  if (name in owner) continue;
  Object.defineProperty(owner, name, { value, writable: true, configurable: true });
}

/** @type {[file: string, isThere: boolean][]} */
const later = [
  ['es2024.arraybuffer', 'transfer' in ArrayBuffer.prototype],
  ['esnext.array', 'fromAsync' in Array],
  ['esnext.collection', 'union' in Set.prototype],
  ['esnext.iterator', 'Iterator' in globalThis],
];

/** The files of declarations, as the compiler's option `lib` wants them. */
export const libraries = [
  'es2023',
  ...['object', 'collection', 'promise', 'regexp', 'sharedmemory', 'string'].map(
    (part) => `es2024.${part}`,
  ),
  'esnext.decorators',
  'esnext.disposable',
  ...later.filter(([, isThere]) => isThere).map(([file]) => file),
].map((name) => `lib.${name}.d.ts`);
