import { inspect } from 'node:util';

/** What Node keeps on a promise or a timer to know the cell that has made it. */
const bookkeeping = new Set([
  'async_id_symbol',
  'trigger_async_id_symbol',
  'kResourceStore',
  'asyncId',
  'triggerId',
]);

/** Lets promises and timers be printed as everywhere: `Promise { <pending> }`, and no more. */
export function printPromisesPlainly() {
  const timer = setTimeout(() => {}, 0);
  clearTimeout(timer);
  const immediate = setImmediate(() => {});
  clearImmediate(immediate);
  for (const one of [Promise.resolve(), timer, immediate]) {
    Object.defineProperty(Object.getPrototypeOf(one), inspect.custom, {
      value: withoutBookkeeping,
      writable: true,
      configurable: true,
    });
  }
}

/**
 * @this {object}
 * @returns {object} itself, which goes on to be printed as it is
 */
function withoutBookkeeping() {
  for (const key of Object.getOwnPropertySymbols(this)) {
    if (!bookkeeping.has(key.description ?? '')) continue;
    try {
      Object.defineProperty(this, key, { enumerable: false });
    } catch {
      // A frozen one is printed as it is.
    }
  }
  return this;
}
