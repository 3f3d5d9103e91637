/** How many images each category of MVTec AD has (Bergmann et al., CVPR 2019, Table 1). */
export const MVTEC_SIZES: Readonly<Record<string, { train: number; test: number }>> = {
  bottle: { train: 209, test: 83 },
  cable: { train: 224, test: 150 },
  capsule: { train: 219, test: 132 },
  carpet: { train: 280, test: 117 },
  grid: { train: 264, test: 78 },
  hazelnut: { train: 391, test: 110 },
  leather: { train: 245, test: 124 },
  metal_nut: { train: 220, test: 115 },
  pill: { train: 267, test: 167 },
  screw: { train: 320, test: 160 },
  tile: { train: 230, test: 117 },
  toothbrush: { train: 60, test: 42 },
  transistor: { train: 213, test: 100 },
  wood: { train: 247, test: 79 },
  zipper: { train: 240, test: 151 },
};
