/** Mean and standard deviation of ImageNet's channels (RGB, of values in 0..1), which every teacher here expects. */
export const IMAGENET_MEAN = [0.485, 0.456, 0.406] as const;
export const IMAGENET_STD = [0.229, 0.224, 0.225] as const;

// A byte has 256 values: normalising is a look-up.
const TABLES = IMAGENET_MEAN.map((mean, channel) =>
  Float32Array.from({ length: 256 }, (_, value) => (value / 255 - mean) / IMAGENET_STD[channel]),
);

/**
 * (pixel / 255 - mean) / std for each channel.
 *
 * @param pixels RGB bytes, interleaved
 * @param target where to write; as long as `pixels` from `offset` on
 */
export function normaliseImage(pixels: Uint8Array, target: Float32Array, offset = 0): void {
  const [red, green, blue] = TABLES;
  for (let i = 0; i < pixels.length; i += 3) {
    target[offset + i] = red[pixels[i]];
    target[offset + i + 1] = green[pixels[i + 1]];
    target[offset + i + 2] = blue[pixels[i + 2]];
  }
}
