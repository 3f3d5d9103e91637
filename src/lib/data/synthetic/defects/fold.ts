import type { Random } from '../../../random/random';
import { visitHide } from '../leather/hide';
import type { LeatherDefect } from '../leather/leather';
import { mix } from '../mix';
import { smoothstep } from '../smoothstep';
import { growBox, stroke } from '../stroke';

/**
 * Leather, type "fold": a ridge where the hide was bent, with a furrow along its steep side and a
 * crest worn lighter.
 *
 * @param severity 0 for a faint wave to 1 for a sharp, high fold
 */
export function fold(random: Random, severity: number): LeatherDefect {
  const half = mix(0.009, 0.02, severity) * random.uniform(0.85, 1.15);
  const height = mix(0.0065, 0.02, severity) * random.uniform(0.9, 1.1);
  const line = stroke(random, {
    x: random.uniform(0.3, 0.7),
    y: random.uniform(0.3, 0.7),
    length: mix(0.22, 0.6, random.next()),
    bend: random.uniform(0.1, 0.7),
  });
  const steep = random.next() < 0.5 ? -1 : 1;
  const point = { across: 0, along: 0 };

  return (hide) => {
    visitHide(hide, growBox(line.box, 5 * half), (index, x, y) => {
      line.locate(x, y, point);
      const t = (point.across * steep) / half;
      if (Math.abs(t) > 4.5) return;
      const ends = smoothstep(0, 0.3, point.along) * smoothstep(1, 0.7, point.along);
      // Gentle on one side, steep on the other.
      const reach = t > 0 ? 0.75 : 1.7;
      const ridge = Math.exp(-((t / reach) ** 2));
      const furrow = Math.exp(-(((t - 1.25) / 0.4) ** 2));
      hide.height[index] += height * ends * (ridge - 0.28 * furrow);
      const worn = 1 + ends * (mix(0.1, 0.3, severity) * ridge - 0.4 * furrow * severity);
      for (let channel = 0; channel < 3; channel++) hide.colour[3 * index + channel] *= worn;
      hide.gloss[index] += 0.15 * ends * ridge;
      // The ridge thins out towards its ends, and so does what can be seen of it.
      const breadth = ends > 0.1 ? t / Math.sqrt(ends) : Infinity;
      const touched = smoothstep(-2.1, -1.8, breadth) * smoothstep(1.9, 1.6, breadth);
      hide.defect[index] = Math.max(hide.defect[index], touched);
    });
  };
}
