import { joint } from './preset';
import type { Preset } from './preset';

/** What the paper invites: variants that it mentions, and its future work. */
export const ABLATIONS: readonly Preset[] = [
  joint('bottle-001', 'default', 'bottle', { alpha: 1e-7 }),
  joint(
    'bottle-standard-decoder',
    'standard U-Net decoder',
    'bottle',
    { autoEncoder: { decoderConvolutions: true } },
    { variant: 'standard-decoder' },
  ),
  joint(
    'bottle-no-top-skip',
    'no top skip',
    'bottle',
    { autoEncoder: { skips: 'not-top' } },
    { variant: 'no-top-skip' },
  ),
  joint('bottle-unit-reconstruction', 'normalised reconstruction loss, alpha 0.1', 'bottle', {
    reconstruction: 'unit',
    alpha: 0.1,
  }),
  joint('bottle-stop-gradient', 'stop-gradient at F_s in L_rec', 'bottle', { stopGradient: true }),
  joint('bottle-clip-all', 'clipping by the frozen gradients too', 'bottle', { clipOver: 'all' }),
  joint('bottle-dynamic-alpha', 'dynamic alpha: L_rec a tenth of L_sim', 'bottle', {
    dynamicAlpha: 0.1,
  }),
  joint(
    'bottle-crop',
    'mirrored margin of 8, cropped',
    'bottle',
    { autoEncoder: { crop: 8 } },
    { variant: 'crop' },
  ),
];
