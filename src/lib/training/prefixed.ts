import type { NamedArray, NamedArrays } from '../weights/tensor-file';

/** The arrays under longer names. */
export function withPrefix(prefix: string, arrays: NamedArrays): [string, NamedArray][] {
  return [...arrays].map(([name, array]) => [prefix + name, array]);
}

/** The arrays whose names begin with the prefix, without it: the inverse of `withPrefix`. */
export function ofPrefix(prefix: string, arrays: NamedArrays): NamedArrays {
  return new Map(
    [...arrays]
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, array]) => [name.slice(prefix.length), array]),
  );
}
