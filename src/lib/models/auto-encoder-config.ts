import { z } from 'zod';

/**
 * The shape of an auto-encoder (paper, section 3 and Fig. 2). Defaults are the paper's; the rest are the variants that
 * it says were tried, or leaves as future work.
 */
export const autoEncoderConfigSchema = z
  .object({
    /** 'basic': one convolution down, one transposed convolution up, nothing between. */
    kind: z.enum(['u-net', 'basic']).default('u-net'),
    /** Channels of the contracting blocks, in units of the level's depth d. 'basic' uses the first alone. */
    widths: z.tuple([z.number().gt(0), z.number().gt(0), z.number().gt(0)]).default([0.5, 1, 2]),
    /** Which contracting blocks are concatenated into the expanding path: 'not-top' leaves out the finest. */
    skips: z.enum(['all', 'not-top', 'none']).default('all'),
    /** Two 3x3 convolutions with ReLU after each concatenation, as in the standard U-Net; the paper has none. */
    decoderConvolutions: z.boolean().default(false),
    /** A closing 1x1 convolution. One is there in any case where the channels would not come out as d. */
    head: z.boolean().default(false),
    /**
     * Against the border effect of zero padding: features are mirrored around by this many positions, and what the
     * auto-encoder makes of the margin is cropped off.
     */
    crop: z.number().int().min(0).multipleOf(4).default(0),
  })
  .strict();

export type AutoEncoderConfig = z.infer<typeof autoEncoderConfigSchema>;
export type AutoEncoderConfigInput = z.input<typeof autoEncoderConfigSchema>;

/** Poolings of the contracting path: the side of a level's features must be a multiple of 2 to this power. */
export function poolings({ kind }: Pick<AutoEncoderConfig, 'kind'>): number {
  return kind === 'basic' ? 1 : 3;
}
