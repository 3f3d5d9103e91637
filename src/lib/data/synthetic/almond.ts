import type { Random } from '../../random/random';
import type { Rendering } from './film';
import { fractalNoise, gradientNoise, mix, smoothField, smoothstep } from './noise';
import { EVERYWHERE, flatRelief, photograph, Relief, visitRelief } from './relief';

/** A defect of an almond: changes it, and marks in its map `defect` where it did. */
export type AlmondDefect = (almond: Almond) => void;

/** An almond on its tray. */
export interface Almond extends Relief {
  /** 1 on the almond, 0 on the tray beside it, [side, side]. */
  kernel: Uint8Array;
  /** Direction from the blunt end to the tip in the picture, in radians. */
  direction: number;
  /**
   * Where a point of the almond is in the picture.
   *
   * @param along -1 for the blunt end to 1 for the tip
   * @param across -1 to 1, from edge to edge
   */
  locate(along: number, across: number): [x: number, y: number];
  /** Takes the kernel away at a point of the map, and leaves the tray. */
  remove(index: number, x: number, y: number): void;
}

/**
 * A shelled almond on a pale tray, at any angle. No two are alike: length, breadth, bend, outline,
 * ridges and colour of the skin, and how dusty it is, vary as widely as in a bag of them.
 *
 * @param random the whole picture derives from it
 * @param size side in pixels
 */
export function renderAlmond(random: Random, size: number, defect?: AlmondDefect): Rendering {
  const almond = growAlmond(random.fork('almond'), size);
  defect?.(almond);
  return photograph(almond, random, size);
}

function growAlmond(random: Random, size: number): Almond {
  const seed = () => random.int(2 ** 31);
  const direction = random.uniform(0, 2 * Math.PI);
  const cos = Math.cos(direction);
  const sin = Math.sin(direction);
  const centreX = 0.5 + random.uniform(-0.05, 0.05);
  const centreY = 0.5 + random.uniform(-0.05, 0.05);
  const length = random.uniform(0.33, 0.405);
  const breadth = length * random.uniform(0.5, 0.66);
  const thickness = breadth * random.uniform(0.42, 0.56);
  const taper = random.uniform(0.14, 0.34);
  const tip = random.uniform(0.12, 0.4);
  const bend = random.uniform(-0.08, 0.08);
  const outline = gradientNoise(seed());
  const uneven = random.uniform(0.04, 0.13);

  /** Half the breadth, in half lengths, at a place along the almond. */
  const halfBreadth = (a: number, side: number) => {
    const rest = 1 - a * a;
    if (rest <= 0) return 0;
    const round = rest ** (0.5 + tip * smoothstep(0.1, 1, a));
    return (breadth / length) * round * (1 - taper * a) * (1 + uneven * outline(1.6 * a, side));
  };
  // Along and across the almond, in half lengths.
  const frame = (x: number, y: number): [a: number, b: number] => {
    const a = ((x - centreX) * cos + (y - centreY) * sin) / length;
    const b = ((y - centreY) * cos - (x - centreX) * sin) / length;
    return [a, b - bend * (1 - 2 * a * a)];
  };

  const trayTone = random.uniform(0.4, 0.5);
  const grain = gradientNoise(seed());
  const shadowX = 0.035 * random.uniform(0.8, 1.2);
  const shadowY = 0.035 * random.uniform(-1.3, -0.7);
  const egg = (p: number, q: number) =>
    Math.sqrt(p * p + (q / ((breadth / length) * (1 - taper * p))) ** 2);
  const shadow = smoothField((x, y) => {
    const cast = smoothstep(1.16, 0.85, egg(...frame(x + shadowX, y + shadowY)));
    const contact = smoothstep(1.09, 0.96, egg(...frame(x, y)));
    return (1 - 0.5 * cast) * (1 - 0.4 * contact);
  });
  const tray = (index: number, x: number, y: number) => {
    const tone = trayTone * shadow(x, y) * (1 + 0.05 * grain(200 * x, 200 * y));
    paintTray(almond, index, tone);
  };

  const ridges = gradientNoise(seed());
  const fine = gradientNoise(seed());
  const warp = gradientNoise(seed());
  const mottle = fractalNoise(seed(), 3);
  const blotches = smoothField((x, y) => {
    const [a, b] = frame(x, y);
    return mottle(2.6 * a, 3.4 * b);
  });
  const dustiness = smoothField((x, y) => {
    const [a, b] = frame(x, y);
    return mottle(4 * a + 9, 5 * b);
  });
  const veinCount = random.uniform(4.5, 8);
  const relief = random.uniform(0.6, 1.5);
  const tone = random.uniform(0.72, 1.3);
  const red = 0.37 * random.uniform(0.9, 1.08);
  const green = 0.168 * random.uniform(0.86, 1.14);
  const blue = 0.07 * random.uniform(0.75, 1.25);
  const patchy = random.uniform(0.15, 0.45);
  const dusty = random.uniform(0, 0.4);
  const darkEnds = random.uniform(0, 0.45);
  const gloss = random.uniform(0.1, 0.24);

  const map = flatRelief(size);
  const almond: Almond = {
    ...map,
    kernel: new Uint8Array(map.side * map.side),
    direction,
    locate(along, across) {
      const a = 0.96 * along;
      const b = across * halfBreadth(a, across < 0 ? 0.5 : 3.5) + bend * (1 - 2 * a * a);
      return [centreX + length * (a * cos - b * sin), centreY + length * (a * sin + b * cos)];
    },
    remove(index, x, y) {
      almond.kernel[index] = 0;
      almond.height[index] = 0;
      almond.gloss[index] = 0;
      tray(index, x, y);
    },
  };
  visitRelief(almond, EVERYWHERE, (index, x, y) => {
    const [a, b] = frame(x, y);
    const half = halfBreadth(a, b < 0 ? 0.5 : 3.5);
    if (Math.abs(b) >= half) {
      tray(index, x, y);
      return;
    }
    almond.kernel[index] = 1;
    // The skin's veins run from end to end like meridians.
    const meridian = b / half;
    const bent = meridian + 0.22 * warp(1.7 * a, 2 * meridian);
    const vein = ridges(1.5 * a, veinCount * bent);
    const wrinkle = fine(6 * a, 3.2 * veinCount * bent);
    const pore = fine(26 * a + 40, 26 * b);
    const blotch = blotches(x, y);

    const dome = Math.sqrt(1 - meridian * meridian);
    const level = (half * length) / breadth;
    almond.height[index] =
      thickness * level ** 0.8 * dome +
      0.0045 * relief * (vein + 0.45 * wrinkle) * Math.min(1, 3 * dome * level) +
      0.0004 * pore;

    const ends = darkEnds * smoothstep(0.72, 1, Math.abs(a));
    const shade =
      tone *
      (1 + patchy * blotch + 0.5 * relief * vein + 0.3 * relief * wrinkle + 0.14 * pore) *
      (1 - ends);
    // Dust lies in the furrows and on the skin here and there.
    const dust = dusty * smoothstep(0.1, 0.6, dustiness(x, y) + 0.4 * pore - 0.5 * vein);
    const dark = Math.max(shade, 0.15);
    almond.colour[3 * index] = mix(red * dark, 0.5, 0.5 * dust);
    almond.colour[3 * index + 1] = mix(green * dark, 0.36, 0.5 * dust);
    almond.colour[3 * index + 2] = mix(blue * dark, 0.23, 0.5 * dust);
    almond.gloss[index] = gloss * (1 - dust);
  });
  return almond;
}

function paintTray({ colour }: Relief, index: number, tone: number): void {
  colour[3 * index] = tone;
  colour[3 * index + 1] = tone;
  colour[3 * index + 2] = 0.97 * tone;
}
