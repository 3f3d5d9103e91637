import type { Random } from '../../random/random';
import type { Almond, AlmondDefect } from './almond';
import { fractalNoise, mix, smoothstep } from './noise';
import { paint, visitRelief } from './relief';
import { blob, Box, growBox, stroke } from './shapes';

const FLESH = [0.62, 0.47, 0.28] as const;
const DARK = [0.025, 0.014, 0.009] as const;

/** Visits the almond's own points in a box; `change` returns the share that is defect. */
function visitKernel(
  almond: Almond,
  box: Box,
  change: (index: number, x: number, y: number) => number,
): void {
  visitRelief(almond, box, (index, x, y) => {
    if (almond.kernel[index] === 0) return;
    const share = change(index, x, y);
    if (share > almond.defect[index]) almond.defect[index] = share;
  });
}

/**
 * Almond, type "hole": where a grub came out, dark, with a pale, gnawed rim.
 *
 * @param severity 0 for a pinhole to 1 for a wide one
 */
export function hole(random: Random, severity: number): AlmondDefect {
  const [along, across] = [random.uniform(-0.7, 0.7), random.uniform(-0.65, 0.65)];
  const radius = mix(0.0085, 0.021, severity) * random.uniform(0.9, 1.1);
  const pale = mix(0.1, 0.35, severity) * random.uniform(0.6, 1);
  return (almond) => {
    const [x, y] = almond.locate(along, across);
    const pit = blob(random, { x, y, radius, stretch: random.uniform(1, 1.7), raggedness: 0.4 });
    visitKernel(almond, growBox(pit.box, radius), (index, px, py) => {
      const depth = pit.depth(px, py);
      const inside = smoothstep(0, 0.35, depth);
      const rim = smoothstep(-0.55, -0.1, depth) * (1 - inside);
      almond.height[index] -= 0.9 * radius * inside - 0.12 * radius * rim;
      paint(almond, index, FLESH, pale * rim);
      paint(almond, index, DARK, mix(0.75, 0.95, severity) * inside);
      almond.gloss[index] *= 1 - inside;
      return smoothstep(-0.55, -0.4, depth);
    });
  };
}

/**
 * Almond, type "crack": the skin has split, mostly lengthwise; wide ones show the flesh.
 *
 * @param severity 0 for a hairline to 1 for a long gap
 */
export function crack(random: Random, severity: number): AlmondDefect {
  const [along, across] = [random.uniform(-0.35, 0.35), random.uniform(-0.5, 0.5)];
  const turn = random.next() < 0.75 ? random.uniform(-0.3, 0.3) : random.uniform(0.5, 2.6);
  const length = mix(0.09, 0.3, severity) * (Math.abs(turn) > 0.4 ? 0.6 : 1);
  const half = mix(0.0028, 0.0085, severity) * random.uniform(0.9, 1.1);
  const jagged = fractalNoise(random.int(2 ** 31), 2);
  const point = { across: 0, along: 0 };
  return (almond) => {
    const [x, y] = almond.locate(along, across);
    const line = stroke(random, { x, y, length, bend: 0.5, angle: almond.direction + turn });
    visitKernel(almond, growBox(line.box, 4 * half), (index, px, py) => {
      line.locate(px, py, point);
      const distance = Math.abs(point.across + 0.9 * half * jagged(45 * px, 45 * py));
      const width = half * Math.sqrt(Math.max(4 * point.along * (1 - point.along), 0));
      if (width < 0.15 * half || distance > 2.2 * width) return 0;
      const gap = smoothstep(width, 0.5 * width, distance);
      const lip = smoothstep(2.2 * width, 1.2 * width, distance) * (1 - gap);
      almond.height[index] += 0.3 * half * lip - 0.8 * half * gap;
      paint(almond, index, FLESH, mix(0.05, 0.22, severity) * lip);
      paint(almond, index, DARK, mix(0.6, 0.9, severity) * gap);
      almond.gloss[index] *= 1 - gap;
      return smoothstep(2.2 * width, 1.9 * width, distance);
    });
  };
}

/**
 * Almond, type "mould": a grey or greenish bloom, thin at its border, dull, that hides the veins
 * where it is thick.
 *
 * @param severity 0 for a faint speck to 1 for a thick, wide growth
 */
export function mould(random: Random, severity: number): AlmondDefect {
  const [along, across] = [random.uniform(-0.7, 0.7), random.uniform(-0.6, 0.6)];
  const radius = mix(0.03, 0.085, severity) * random.uniform(0.9, 1.1);
  const colonies = 1 + random.int(4);
  const green = random.next();
  const bloom = [0.36 - 0.07 * green, 0.36, 0.29 - 0.05 * green] as const;
  const fuzz = fractalNoise(random.int(2 ** 31), 3);
  const opacity = mix(0.4, 0.9, severity);
  return (almond) => {
    const [x, y] = almond.locate(along, across);
    for (let i = 0; i < colonies; i++) {
      const spot = blob(random, {
        x: x + (i === 0 ? 0 : 1.6 * radius * random.uniform(-1, 1)),
        y: y + (i === 0 ? 0 : 1.6 * radius * random.uniform(-1, 1)),
        radius: (radius * (i === 0 ? 1 : random.uniform(0.25, 0.7))) / Math.sqrt(colonies) ** 0.7,
        stretch: random.uniform(1, 1.5),
        raggedness: 0.5,
      });
      visitKernel(almond, spot.box, (index, px, py) => {
        const depth = spot.depth(px, py) + 0.3 * fuzz(34 * (px + py), 34 * (px - py));
        if (depth <= 0) return 0;
        const thick = smoothstep(0, 0.8, depth);
        const tuft = 1 + 0.7 * fuzz(75 * px + 50 * py, 75 * py - 50 * px);
        const share = Math.min(opacity * thick * tuft, 1);
        paint(almond, index, bloom, share);
        almond.height[index] += 0.0016 * severity * thick * tuft;
        almond.gloss[index] *= 1 - share;
        return smoothstep(0.06, 0.2, depth);
      });
    }
  };
}

/**
 * Almond, type "scrape": the skin is rubbed or peeled off, and the pale flesh shows.
 *
 * @param severity 0 for a small graze to 1 for a broad peeled place
 */
export function scrape(random: Random, severity: number): AlmondDefect {
  const [along, across] = [random.uniform(-0.6, 0.6), random.uniform(-0.6, 0.6)];
  const radius = mix(0.016, 0.06, severity) * random.uniform(0.9, 1.1);
  const torn = fractalNoise(random.int(2 ** 31), 3);
  const opacity = mix(0.55, 0.95, severity);
  const shade = random.uniform(0.75, 1.05);
  const flesh = [FLESH[0] * shade, FLESH[1] * shade, FLESH[2] * shade] as const;
  return (almond) => {
    const [x, y] = almond.locate(along, across);
    const place = blob(random, { x, y, radius, stretch: random.uniform(1.3, 4), raggedness: 0.55 });
    visitKernel(almond, place.box, (index, px, py) => {
      const depth = place.depth(px, py) + 0.4 * torn(30 * px, 30 * py);
      if (depth <= 0) return 0;
      const bare = smoothstep(0, 0.14, depth);
      // Shreds of skin are left towards the border.
      const left = smoothstep(0.1, 0.4, torn(55 * px, 55 * py) - 0.5 * depth);
      paint(almond, index, flesh, opacity * bare * (1 - 0.8 * left));
      almond.height[index] -= 0.0022 * bare;
      almond.gloss[index] *= 1 - 0.6 * bare;
      return smoothstep(0, 0.06, depth);
    });
  };
}

/**
 * Almond, type "chip": a piece of the edge or an end has broken or been bitten off; the break is
 * flesh.
 *
 * @param severity 0 for a nick to 1 for a bite
 */
export function chip(random: Random, severity: number): AlmondDefect {
  const atEnd = random.next() < 0.35;
  const along = atEnd ? (random.next() < 0.7 ? 1 : -1) : random.uniform(-0.65, 0.65);
  const across = atEnd ? 0 : random.next() < 0.5 ? -1 : 1;
  const radius = mix(0.028, 0.085, severity) * random.uniform(0.9, 1.1);
  const band = mix(0.02, 0.034, severity) / radius;
  const rough = fractalNoise(random.int(2 ** 31), 3);
  return (almond) => {
    const [x, y] = almond.locate(along, across);
    const bite = blob(random, { x, y, radius, stretch: random.uniform(1, 1.6), raggedness: 0.3 });
    visitKernel(almond, bite.box, (index, px, py) => {
      const depth = bite.depth(px, py) + 0.14 * rough(26 * px, 26 * py);
      if (depth <= 0) return 0;
      if (depth > band) {
        almond.remove(index, px, py);
        return 1;
      }
      const grain = 0.85 + 0.5 * rough(60 * px, 60 * py);
      const flesh = [FLESH[0] * grain, FLESH[1] * grain, FLESH[2] * grain] as const;
      paint(almond, index, flesh, smoothstep(0, 0.2 * band, depth));
      // The break falls off to the tray.
      almond.height[index] *= 1 - 0.3 * smoothstep(0, band, depth);
      almond.height[index] += 0.0012 * rough(40 * px, 40 * py);
      almond.gloss[index] = 0.05;
      return 1;
    });
  };
}

/** Rancid, scorched, bleached and stained with something red: factors on the skin's colour. */
const TINTS = [
  [0.45, 0.42, 0.45],
  [0.24, 0.2, 0.22],
  [1.5, 1.75, 1.9],
  [0.9, 0.5, 0.55],
] as const;

/**
 * Almond, type "color": a patch of the skin is darker, paler or redder than any almond's own
 * blotches; veins and relief go through it.
 *
 * @param severity 0 for small and faint to 1 for large and strong
 */
export function colour(random: Random, severity: number): AlmondDefect {
  const [along, across] = [random.uniform(-0.75, 0.75), random.uniform(-0.65, 0.65)];
  const radius = mix(0.035, 0.095, severity) * random.uniform(0.9, 1.1);
  const tint = TINTS[random.int(TINTS.length)];
  const soak = fractalNoise(random.int(2 ** 31), 3);
  const opacity = mix(0.55, 1, severity);
  return (almond) => {
    const [x, y] = almond.locate(along, across);
    const patch = blob(random, { x, y, radius, stretch: random.uniform(1, 2), raggedness: 0.45 });
    visitKernel(almond, patch.box, (index, px, py) => {
      const depth = patch.depth(px, py) + 0.3 * soak(13 * px + 9 * py, 13 * py - 9 * px);
      if (depth <= 0) return 0;
      const share = opacity * smoothstep(0, 0.6, depth);
      for (let channel = 0; channel < 3; channel++) {
        almond.colour[3 * index + channel] *= mix(1, tint[channel], share);
      }
      return smoothstep(0.05, 0.15, depth);
    });
  };
}

/** The types of defect of an almond. */
export const ALMOND_DEFECTS = { chip, color: colour, crack, hole, mould, scrape };
