import { writeFileAtomic } from '../files/atomic-write';

/**
 * Results as indented JSON with a line feed at the end. Numbers have all their digits; JSON has
 * no infinity, so an infinite threshold is written as the string "Infinity" or "-Infinity". Typed
 * arrays become lists.
 *
 * @throws RangeError if a value is NaN: an undefined metric is null
 */
export function formatMetricsJson(results: object): string {
  const json = JSON.stringify(
    results,
    (key, value: unknown) => {
      if (ArrayBuffer.isView(value)) return Array.from(value as Float64Array);
      if (typeof value !== 'number' || Number.isFinite(value)) return value;
      if (Number.isNaN(value))
        throw new RangeError(`Expected a number or null as ${key}, found NaN.`);
      return `${value}`;
    },
    2,
  );
  return `${json}\n`;
}

/** Writes results as JSON (see `formatMetricsJson`): the whole file or nothing. */
export async function writeMetricsJson(file: string, results: object): Promise<void> {
  writeFileAtomic(file, formatMetricsJson(results));
}
