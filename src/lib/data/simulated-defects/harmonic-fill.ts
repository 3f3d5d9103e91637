import type { Region } from './region';

/**
 * Colours within a region as its surroundings suggest them: the membrane that is stretched over the hole, which solves
 * Laplace's equation with the colours around it as its edge. Added to another picture's colours, where the surroundings
 * are the difference of the two pictures, it makes a seamless cloning (Pérez et al., Poisson Image Editing, 2003).
 *
 * By successive over-relaxation, to about a grey level: more than is seen.
 *
 * @param colours of the region's rectangle, [height, width, 3]; those outside the region are kept
 * @param hole above 0 where colours are looked for, [height, width]
 */
export function harmonicFill(
  colours: Float32Array,
  { width, height }: Pick<Region, 'width' | 'height'>,
  hole: Float32Array,
): Float32Array {
  const result = colours.slice();
  const inside: number[] = [];
  hole.forEach((share, i) => {
    if (share > 0) inside.push(i);
  });
  startFromMean(result, hole);
  // The factor that suits a square hole of this size (Young, 1954).
  const side = Math.max(2, Math.sqrt(inside.length));
  const relaxation = 2 / (1 + Math.sin(Math.PI / (side + 1)));
  const sweeps = Math.ceil(2 * side) + 10;
  for (let sweep = 0; sweep < sweeps; sweep++) {
    for (const i of inside) {
      const x = i % width;
      const hasLeft = x > 0;
      const hasRight = x < width - 1;
      const hasAbove = i >= width;
      const hasBelow = i < width * (height - 1);
      const neighbours = +hasLeft + +hasRight + +hasAbove + +hasBelow;
      for (let at = 3 * i; at < 3 * i + 3; at++) {
        let sum = 0;
        if (hasLeft) sum += result[at - 3];
        if (hasRight) sum += result[at + 3];
        if (hasAbove) sum += result[at - 3 * width];
        if (hasBelow) sum += result[at + 3 * width];
        result[at] += relaxation * (sum / neighbours - result[at]);
      }
    }
  }
  return result;
}

/** Puts the mean colour outside the hole into it. */
function startFromMean(colours: Float32Array, hole: Float32Array): void {
  const sums = [0, 0, 0];
  let count = 0;
  hole.forEach((share, i) => {
    if (share > 0) return;
    for (let c = 0; c < 3; c++) sums[c] += colours[3 * i + c];
    count++;
  });
  hole.forEach((share, i) => {
    if (share === 0) return;
    for (let c = 0; c < 3; c++)
      colours[3 * i + c] = count === 0 ? colours[3 * i + c] : sums[c] / count;
  });
}
