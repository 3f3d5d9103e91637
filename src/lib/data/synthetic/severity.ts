/**
 * How strong the defect of the `index`-th picture of a type is, in (0, 1): 1/2, 1/4, 3/4, 1/8, ...
 * (van der Corput's sequence). Any number of pictures is spread evenly from subtle to obvious, and
 * more pictures do not change the first ones.
 */
export function severityOf(index: number): number {
  let severity = 0;
  let place = 0.5;
  for (let rest = index + 1; rest > 0; rest = Math.floor(rest / 2)) {
    severity += place * (rest % 2);
    place /= 2;
  }
  return severity;
}
