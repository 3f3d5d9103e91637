/** A place in a state: the names and indices that lead there. */
export type BytesPath = (string | number)[];

/** A state without its bytes, which go over a comm beside the JSON. */
export interface SplitState {
  bare: Record<string, unknown>;
  /** Where each of the buffers belongs. */
  paths: BytesPath[];
  buffers: Uint8Array[];
}

/** Takes bytes out of a state, as the protocol of Jupyter's widgets wants it: in lists null is left in their place. */
export function splitBytes(state: Record<string, unknown>): SplitState {
  const paths: BytesPath[] = [];
  const buffers: Uint8Array[] = [];
  const without = (value: unknown, path: BytesPath): unknown => {
    if (ArrayBuffer.isView(value)) {
      paths.push(path);
      buffers.push(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
      return null;
    }
    if (Array.isArray(value)) return value.map((item, i) => without(item, [...path, i]));
    if (typeof value !== 'object' || value === null || 'toJSON' in value) return value;
    return withoutEach(value, path);
  };
  const withoutEach = (object: object, path: BytesPath): Record<string, unknown> => {
    const rest: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(object)) {
      const bare = without(value, [...path, name]);
      if (!ArrayBuffer.isView(value)) rest[name] = bare;
    }
    return rest;
  };
  return { bare: withoutEach(state, []), paths, buffers };
}

/**
 * Puts bytes back to where they belong.
 * @param state as it came from the page: it is changed
 * @param paths of the buffers; what is none, or leads to nowhere in the state, is left out
 * @returns the state
 */
export function joinBytes(
  state: object,
  paths: unknown,
  buffers: readonly Uint8Array[],
): Record<string, unknown> {
  for (const [i, path] of (Array.isArray(paths) ? paths : []).entries()) {
    if (i >= buffers.length || !Array.isArray(path) || path.length === 0) continue;
    const last: unknown = path[path.length - 1];
    const parent: unknown = path.slice(0, -1).reduce(memberOf, state);
    if (!isPlaceIn(parent, last)) continue;
    Object.defineProperty(parent as object, last, {
      value: buffers[i],
      ...{ writable: true, enumerable: true, configurable: true },
    });
  }
  return state as Record<string, unknown>;
}

/** Own members alone are followed, so that a path leads nowhere but into the state. */
function memberOf(parent: unknown, name: unknown): unknown {
  const isThere = isPlaceIn(parent, name) && Object.hasOwn(parent as object, name);
  return isThere ? (parent as Record<string | number, unknown>)[name] : undefined;
}

function isPlaceIn(parent: unknown, name: unknown): name is string | number {
  if (Array.isArray(parent)) {
    return Number.isInteger(name) && Number(name) >= 0 && Number(name) < parent.length;
  }
  return typeof parent === 'object' && parent !== null && typeof name === 'string';
}
