import type { Random } from '../../random/random';
import type { LeatherDefect } from './leather';
import { fractalNoise, gradientNoise, mix, smoothstep } from './noise';
import { Relief, visitRelief } from './relief';
import { blob, Box, growBox, stroke } from './shapes';

type Colour = readonly [red: number, green: number, blue: number];

/** Wine, ink, verdigris, bleach and oil. */
const STAINS: readonly Colour[] = [
  [0.13, 0.015, 0.02],
  [0.02, 0.03, 0.1],
  [0.1, 0.2, 0.17],
  [0.5, 0.32, 0.2],
  [0.06, 0.03, 0.018],
];

/**
 * Leather, type "color": a spot, a few drops or a line of a colour that does not belong, soaked
 * into the grain without changing its relief.
 *
 * @param severity 0 for small and faint to 1 for large and strong
 */
export function colour(random: Random, severity: number): LeatherDefect {
  const stain = STAINS[random.int(STAINS.length)];
  const opacity = mix(0.55, 0.9, severity) * random.uniform(0.85, 1.1);
  const x = random.uniform(0.12, 0.88);
  const y = random.uniform(0.12, 0.88);
  const soak = fractalNoise(random.int(2 ** 31), 2);
  const kind = random.next();

  if (kind < 0.3) {
    const line = stroke(random, { x, y, length: mix(0.08, 0.3, severity), bend: 1.6 });
    const half = mix(0.006, 0.014, severity);
    const point = { across: 0, along: 0 };
    const cover = (px: number, py: number) => {
      line.locate(px, py, point);
      return smoothstep(half, 0.6 * half, Math.abs(point.across) * (1 + soak(30 * px, 30 * py)));
    };
    return (hide) => dye(hide, growBox(line.box, 2 * half), stain, opacity, cover);
  }
  const drops = kind < 0.6 ? 1 : 2 + random.int(3);
  const radius = mix(0.022, 0.07, severity) / Math.sqrt(drops);
  const spots = Array.from({ length: drops }, (_, i) =>
    blob(random, {
      x: x + (i === 0 ? 0 : random.uniform(-3.5, 3.5) * radius),
      y: y + (i === 0 ? 0 : random.uniform(-3.5, 3.5) * radius),
      radius: radius * random.uniform(0.6, 1.2),
      stretch: random.uniform(1, 2.2),
    }),
  );
  return (hide) => {
    for (const spot of spots) {
      const cover = (px: number, py: number) =>
        smoothstep(0, 0.3, spot.depth(px, py) + 0.25 * soak(24 * px, 24 * py));
      dye(hide, growBox(spot.box, 0.5 * radius), stain, opacity, cover);
    }
  };
}

function dye(
  hide: Relief,
  box: Box,
  stain: Colour,
  opacity: number,
  cover: (x: number, y: number) => number,
): void {
  visitRelief(hide, box, (index, x, y) => {
    const share = cover(x, y);
    if (share <= 0) return;
    // Creases keep their shadow below the stain.
    const shadow = Math.min(hide.colour[3 * index] / 0.27, 1.3);
    for (let channel = 0; channel < 3; channel++) {
      const at = 3 * index + channel;
      hide.colour[at] = mix(hide.colour[at], stain[channel] * shadow, share * opacity);
    }
    hide.defect[index] = Math.max(hide.defect[index], smoothstep(0.1, 0.5, share));
  });
}

/**
 * Leather, type "cut": a slit that gapes in the middle, dark inside, with pale fibres where the
 * skin is torn and lips that stand up on both sides.
 *
 * @param severity 0 for a scratch to 1 for a long, wide gap
 */
export function cut(random: Random, severity: number): LeatherDefect {
  const length = mix(0.07, 0.26, severity) * random.uniform(0.85, 1.15);
  const half = mix(0.0028, 0.0085, severity) * random.uniform(0.9, 1.2);
  const line = stroke(random, {
    x: random.uniform(0.2, 0.8),
    y: random.uniform(0.2, 0.8),
    length,
    bend: random.uniform(0.1, 0.9),
  });
  const jagged = gradientNoise(random.int(2 ** 31));
  const fibre = gradientNoise(random.int(2 ** 31));
  const paleSide = random.next() < 0.5 ? -1 : 1;
  const point = { across: 0, along: 0 };

  return (hide) => {
    visitRelief(hide, growBox(line.box, 6 * half), (index, x, y) => {
      line.locate(x, y, point);
      const { along } = point;
      const across = point.across + 0.5 * half * jagged(140 * x, 140 * y);
      // Pointed at both ends.
      const width = half * Math.sqrt(Math.max(4 * along * (1 - along), 0));
      const distance = Math.abs(across);
      if (width < 0.2 * half || distance > 5 * half) return;
      const gap = smoothstep(width, 0.55 * width, distance);
      const lip = smoothstep(0, 1, 1 - Math.abs(distance - 1.7 * width) / (1.6 * half)) * (1 - gap);
      hide.height[index] += (0.5 + severity) * (0.004 * lip - 0.012 * gap) * (width / half);

      const torn =
        across * paleSide > 0 ? smoothstep(2.2 * width, 0.9 * width, distance) * (1 - gap) : 0;
      const pale = torn * mix(0.35, 0.75, severity) * (0.7 + 0.8 * fibre(220 * x, 220 * y));
      for (let channel = 0; channel < 3; channel++) {
        const at = 3 * index + channel;
        const light = mix(hide.colour[at], [0.5, 0.34, 0.2][channel], Math.max(pale, 0));
        hide.colour[at] = mix(
          light,
          [0.022, 0.012, 0.008][channel],
          gap * mix(0.75, 0.95, severity),
        );
      }
      hide.gloss[index] *= 1 - gap;
      const touched = smoothstep(2.4 * width, 2 * width, distance);
      hide.defect[index] = Math.max(hide.defect[index], touched);
    });
  };
}

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
    visitRelief(hide, growBox(line.box, 5 * half), (index, x, y) => {
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

/**
 * Leather, type "glue": one or a few drops that fill the grain, stand above it and shine.
 *
 * @param severity 0 for a thin film to 1 for a thick drop
 */
export function glue(random: Random, severity: number): LeatherDefect {
  const drops = 1 + random.int(3);
  const x = random.uniform(0.15, 0.85);
  const y = random.uniform(0.15, 0.85);
  const radius = mix(0.032, 0.085, severity) / Math.sqrt(drops);
  const thickness = mix(0.22, 0.42, severity) * radius;
  const wet = mix(0.55, 0.9, severity);
  const tint = random.uniform(0.62, 0.9);
  const spots = Array.from({ length: drops }, (_, i) =>
    blob(random, {
      x: x + (i === 0 ? 0 : random.uniform(-0.14, 0.14)),
      y: y + (i === 0 ? 0 : random.uniform(-0.14, 0.14)),
      radius: radius * random.uniform(0.75, 1.2),
      stretch: random.uniform(1, 1.5),
      raggedness: 0.22,
    }),
  );

  return (hide) => {
    for (const spot of spots) {
      let sum = 0;
      let count = 0;
      visitRelief(hide, spot.box, (index) => {
        sum += hide.height[index];
        count++;
      });
      const level = sum / Math.max(count, 1);
      visitRelief(hide, spot.box, (index, px, py) => {
        const depth = spot.depth(px, py);
        if (depth <= 0) return;
        const cover = smoothstep(0, 0.18, depth);
        const inner = Math.min(depth, 1);
        // Round towards the rim, where the drop meets the leather at an angle.
        const dome = thickness * Math.sqrt(Math.max(inner * (2 - inner), 0));
        const fill = cover * mix(0.45, 0.95, severity);
        hide.height[index] = mix(hide.height[index], level, fill) + dome * cover;
        hide.gloss[index] = mix(hide.gloss[index], wet, cover);
        const rim = 1 - 0.3 * smoothstep(0.3, 0.05, depth);
        for (let channel = 0; channel < 3; channel++) {
          hide.colour[3 * index + channel] *= mix(1, tint * rim, cover);
        }
        hide.defect[index] = Math.max(hide.defect[index], smoothstep(0.02, 0.08, depth));
      });
    }
  };
}

/**
 * Leather, type "poke": a small dark hole in a dent with a raised, torn rim.
 *
 * @param severity 0 for a pinprick to 1 for a nail's hole
 */
export function poke(random: Random, severity: number): LeatherDefect {
  const x = random.uniform(0.12, 0.88);
  const y = random.uniform(0.12, 0.88);
  const radius = mix(0.008, 0.021, severity) * random.uniform(0.9, 1.15);
  const dent = radius * mix(3, 3.8, random.next());
  const deep = mix(0.4, 0.7, severity) * radius;
  const hole = blob(random, {
    x,
    y,
    radius,
    stretch: random.uniform(1, 1.9),
    raggedness: 0.55,
  });
  const pale = mix(0.2, 0.6, severity) * random.uniform(0.5, 1);

  return (hide) => {
    visitRelief(
      hide,
      growBox({ left: x, top: y, right: x, bottom: y }, 1.6 * dent),
      (index, px, py) => {
        const distance = Math.sqrt((px - x) ** 2 + (py - y) ** 2);
        const depth = hole.depth(px, py);
        const pit = smoothstep(-0.05, 0.35, depth);
        const rim = smoothstep(-0.9, -0.25, depth) * smoothstep(0.1, -0.2, depth);
        hide.height[index] -= 1.6 * deep * smoothstep(dent, 0, distance) + 1.5 * deep * pit;
        hide.height[index] += 0.5 * deep * rim;
        for (let channel = 0; channel < 3; channel++) {
          const at = 3 * index + channel;
          const torn = mix(hide.colour[at], [0.46, 0.3, 0.18][channel], pale * rim);
          hide.colour[at] = mix(
            torn,
            [0.018, 0.011, 0.008][channel],
            pit * mix(0.8, 0.97, severity),
          );
        }
        hide.gloss[index] *= 1 - pit;
        const touched = Math.max(
          smoothstep(-0.9, -0.7, depth),
          smoothstep(0.62 * dent, 0.55 * dent, distance),
        );
        hide.defect[index] = Math.max(hide.defect[index], touched);
      },
    );
  };
}

/** The types of defect of leather, named as in MVTec AD. */
export const LEATHER_DEFECTS = { color: colour, cut, fold, glue, poke };
