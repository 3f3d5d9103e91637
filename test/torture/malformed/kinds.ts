import * as fs from 'node:fs';
import * as path from 'node:path';
import { createHash } from 'node:crypto';
import type fc from 'fast-check';
import sharp from 'sharp';
import type * as Images from '../../../src/lib/data/image';
import type * as Masks from '../../../src/lib/data/mask';
import type * as Regions from '../../../src/lib/data/regions-of-pictures';
import type * as Csv from '../../../src/lib/evaluation/csv';
import type * as Npy from '../../../src/lib/evaluation/npy';
import type * as Methods from '../../../src/lib/methods/index';
import type * as Export from '../../../src/lib/onnx/export';
import type * as Graph from '../../../src/lib/onnx/graph-builder';
import type * as OnnxDetector from '../../../src/lib/onnx/onnx-detector';
import type * as ImageRecords from '../../../src/lib/runs/image-record';
import type * as OpenRun from '../../../src/lib/runs/open-run';
import type * as RunConfigs from '../../../src/lib/runs/run-config';
import type * as Thresholds from '../../../src/lib/runs/stored-threshold';
import type * as Sweeps from '../../../src/lib/sweep/sweep-file';
import type * as Folders from '../../../src/lib/training/run-folder';
import type * as Arrays from '../../../src/lib/weights/named-arrays';
import type * as Weights from '../../../src/lib/weights/read-weights';
import type * as Safetensors from '../../../src/lib/weights/safetensors';
import type * as Judgements from '../../../src/cli/runs/judgement-files';
import type * as Results from '../../../src/cli/runs/result-record';
import type * as Judge from '../../../src/cli/inputs/images-to-judge';
import { bytesOf, tiffFile } from '../../data/tiff-file';
import { built, ROOT } from '../built';
import { binaryMutants, jsonMutants, jsonValueMutants, textMutants } from './mutation';
import type { Mutant } from './mutation';

/** What a reader made of a file. */
export interface Reading {
  /** Of all values that count. */
  digest: string;
  /** What is wrong with the values; null where they are sound. */
  fault: string | null;
}

/** A kind of file that the lab reads, with a sound one, and how it is read. */
export interface Kind {
  name: string;
  /** Of the file. */
  file: string;
  /** Makes a sound file, and those that it needs beside it. */
  make(folder: string): Promise<void> | void;
  mutants(sound: Buffer): fc.Arbitrary<Mutant>;
  read(file: string): Promise<Reading> | Reading;
}

const SIDE = 24;

function digestOf(...values: (ArrayBufferView | string | number | null)[]): string {
  const hash = createHash('sha256');
  for (const value of values) {
    hash.update(ArrayBuffer.isView(value) ? bytesOf(value) : `${value};`);
  }
  return hash.digest('hex').slice(0, 16);
}

/** A gradient with a square in it: no two rows are alike. */
function pixels(channels: number): Uint8Array {
  return Uint8Array.from({ length: SIDE * SIDE * channels }, (_, i) => {
    const at = Math.floor(i / channels);
    const [x, y] = [at % SIDE, Math.floor(at / SIDE)];
    return x > 8 && x < 14 && y > 5 && y < 11 ? 230 : (7 * x + 3 * y + 40 * (i % channels)) % 256;
  });
}

const drawing = () => sharp(pixels(3), { raw: { width: SIDE, height: SIDE, channels: 3 } });

async function readPicture(file: string): Promise<Reading> {
  const { loadRgb } = built<typeof Images>('lib/data/image');
  const { width, height, data } = await loadRgb(file);
  const isWhole = data.length === 3 * width * height && width >= 1 && height >= 1;
  const small = await loadRgb(file, { size: { height: 16, width: 16 } });
  const isSmall = small.data.length === 3 * 16 * 16 && small.original.width === width;
  return {
    digest: digestOf(width, height, data),
    fault: isWhole && isSmall ? null : `${data.length} values for ${width} x ${height} pixels`,
  };
}

const binary = (file: string) => (sound: Buffer) =>
  binaryMutants(path.extname(file).slice(1), sound);

function picture(
  name: string,
  file: string,
  content: () => Promise<Uint8Array> | Uint8Array,
): Kind {
  return {
    name,
    file,
    make: async (folder) => fs.writeFileSync(path.join(folder, file), await content()),
    mutants: binary(file),
    read: readPicture,
  };
}

const tiff = (bits: number, data: Uint8Array) => () =>
  tiffFile({ width: SIDE, height: SIDE, samples: 1, photometric: 1, bits, data });

function bitmap(): Buffer {
  const rows = Buffer.from(pixels(3));
  const head = Buffer.alloc(54);
  head.write('BM');
  head.writeUInt32LE(54 + rows.length, 2);
  head.writeUInt32LE(54, 10);
  head.writeUInt32LE(40, 14);
  head.writeInt32LE(SIDE, 18);
  head.writeInt32LE(SIDE, 22);
  head.writeUInt16LE(1, 26);
  head.writeUInt16LE(24, 28);
  head.writeUInt32LE(rows.length, 34);
  return Buffer.concat([head, rows]);
}

const netpbm = (magic: string, white: string, data: Uint8Array) => () =>
  Buffer.concat([Buffer.from(`${magic}\n${SIDE} ${SIDE}\n${white}`), data]);

const plainNetpbm = () =>
  Buffer.from(`P2\n# made up\n${SIDE} ${SIDE}\n255\n${[...pixels(1)].join(' ')}\n`);

const PICTURES: Kind[] = [
  picture('png', 'a.png', () => drawing().png().toBuffer()),
  picture('palette-png', 'a.png', () => drawing().png({ palette: true }).toBuffer()),
  picture('deep-png', 'a.png', () => drawing().toColourspace('rgb16').png().toBuffer()),
  picture('jpeg', 'a.jpg', () => drawing().jpeg().toBuffer()),
  picture('progressive-jpeg', 'a.jpg', () => drawing().jpeg({ progressive: true }).toBuffer()),
  picture('tiff', 'a.tif', tiff(8, pixels(1))),
  picture('deep-tiff', 'a.tif', tiff(16, bytesOf(Uint16Array.from(pixels(1), (v) => 257 * v)))),
  picture('compressed-tiff', 'a.tif', () => drawing().tiff({ compression: 'lzw' }).toBuffer()),
  picture('webp', 'a.webp', () => drawing().webp().toBuffer()),
  picture('lossless-webp', 'a.webp', () => drawing().webp({ lossless: true }).toBuffer()),
  picture('gif', 'a.gif', () => drawing().gif().toBuffer()),
  picture('avif', 'a.avif', () => drawing().avif().toBuffer()),
  picture('bmp', 'a.bmp', bitmap),
  picture('ppm', 'a.ppm', netpbm('P6', '255\n', pixels(3))),
  picture('deep-pgm', 'a.pgm', netpbm('P5', '65535\n', bytesOf(Uint16Array.from(pixels(1))))),
  picture('pbm', 'a.pbm', netpbm('P4', '', pixels(3).subarray(0, 3 * SIDE))),
  { ...picture('plain-pgm', 'a.pgm', plainNetpbm), mutants: textMutants },
];

const IMAGE = 'image.png';

async function readTruth(file: string): Promise<Reading> {
  const { loadMask } = built<typeof Masks>('lib/data/mask');
  const imageFile = path.join(path.dirname(file), IMAGE);
  const { width, height, data } = await loadMask(file, { imageFile });
  const isMask = data.length === SIDE * SIDE && data.every((value) => value <= 1);
  return {
    digest: digestOf(width, height, data),
    fault:
      isMask && width === SIDE ? null : `a mask of ${width} x ${height}, ${data.length} values`,
  };
}

function truth(name: string, file: string, content: () => Promise<Uint8Array> | object): Kind {
  return {
    name,
    file,
    make: async (folder) => {
      fs.writeFileSync(path.join(folder, IMAGE), await drawing().png().toBuffer());
      const made = await content();
      const bytes = made instanceof Uint8Array ? made : JSON.stringify(made);
      fs.writeFileSync(path.join(folder, file), bytes);
    },
    mutants: file.endsWith('.json') ? jsonMutants : binary(file),
    read: readTruth,
  };
}

const SQUARE = [
  [3, 4],
  [12, 4],
  [12, 15],
  [3, 15],
];

const maskPixels = () => pixels(1).map((value) => (value === 230 ? 255 : 0));

const TRUTHS: Kind[] = [
  truth('mask', 'mask.png', () =>
    sharp(maskPixels(), { raw: { width: SIDE, height: SIDE, channels: 1 } })
      .png()
      .toBuffer(),
  ),
  truth('labelme', 'mask.json', () => ({
    version: '5.2.1',
    imageHeight: SIDE,
    imageWidth: SIDE,
    shapes: [
      { label: 'crack', shape_type: 'polygon', points: SQUARE },
      { label: 'hole', shape_type: 'circle', points: SQUARE.slice(0, 2) },
      { label: 'dent', shape_type: 'rectangle', points: [SQUARE[0], SQUARE[2]] },
    ],
  })),
  truth('coco', 'mask.json', () => ({
    images: [{ id: 7, file_name: IMAGE, width: SIDE, height: SIDE }],
    annotations: [
      { image_id: 7, segmentation: [SQUARE.flat()] },
      { image_id: 7, segmentation: { size: [SIDE, SIDE], counts: [30, 20, SIDE * SIDE - 50] } },
      { image_id: 7, bbox: [1, 2, 3, 4] },
    ],
  })),
  {
    ...truth('region', 'region.json', () => ({ width: SIDE, height: SIDE, polygons: [SQUARE] })),
    read: async (file) => {
      const { readSharedRegion } = built<typeof Regions>('lib/data/regions-of-pictures');
      const { width, height, runs } = await readSharedRegion(file);
      return { digest: digestOf(width, height, runs), fault: runs === '' ? 'no runs' : null };
    },
  },
];

const SHAPES = new Map<string, number[]>([
  ['conv1.weight', [4, 3, 3, 3]],
  ['bn1.running_var', [4]],
]);

const arrays = () =>
  new Map(
    [...SHAPES].map(([name, shape]) => {
      const length = shape.reduce((product, size) => product * size, 1);
      return [name, { shape, data: Float32Array.from({ length }, (_, i) => i / length - 0.3) }];
    }),
  );

function readArrays(file: string, shapes: ReadonlyMap<string, readonly number[]>): Reading {
  const { readWeights } = built<typeof Weights>('lib/weights/read-weights');
  const { requireArrays } = built<typeof Arrays>('lib/weights/named-arrays');
  const found = [...requireArrays(file, readWeights(file), shapes)];
  const broken = found.find(
    ([, { shape, data }]) =>
      data.length !== shape.reduce((product, size) => product * size, 1) ||
      !data.every(Number.isFinite),
  );
  return {
    digest: digestOf(...found.flatMap(([name, { data }]) => [name, data])),
    fault: broken ? `${broken[0]}: ${broken[1].data.length} values, or not finite ones` : null,
  };
}

/** A safetensors file whose header is changed as JSON, its length with it. */
function headerMutants(sound: Buffer): fc.Arbitrary<Mutant> {
  const end = 8 + Number(sound.readBigUInt64LE(0));
  return jsonValueMutants(JSON.parse(sound.toString('utf8', 8, end))).map(({ value, how }) => {
    const header = Buffer.from(JSON.stringify(value) ?? '');
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    const bytes = Buffer.concat([length, header, sound.subarray(end)]);
    return { bytes, how: `header: ${how}`, expected: 'sound or refused' };
  });
}

const TORCH_FIXTURES = path.join(ROOT, 'test', 'fixtures', 'weights');

function torch(name: string, fixture: string): Kind {
  const shapesOf = () => {
    const { readWeights } = built<typeof Weights>('lib/weights/read-weights');
    const sound = readWeights(path.join(TORCH_FIXTURES, fixture));
    const isFinite = ([, { data }]: [string, Arrays.NamedArray]) => data.every(Number.isFinite);
    return new Map([...sound].filter(isFinite).map(([key, { shape }]) => [key, shape]));
  };
  return {
    name,
    file: 'weights.pth',
    make: (folder) =>
      fs.copyFileSync(path.join(TORCH_FIXTURES, fixture), path.join(folder, 'weights.pth')),
    mutants: binary('weights.pth'),
    read: (file) => readArrays(file, shapesOf()),
  };
}

const writeArrays = (file: string, metadata?: Record<string, string>) =>
  built<typeof Safetensors>('lib/weights/safetensors').writeSafetensors(file, arrays(), metadata);

const WEIGHTS: Kind[] = [
  {
    name: 'safetensors',
    file: 'weights.safetensors',
    make: (folder) => writeArrays(path.join(folder, 'weights.safetensors')),
    mutants: binary('weights.safetensors'),
    read: (file) => readArrays(file, SHAPES),
  },
  {
    name: 'safetensors-header',
    file: 'weights.safetensors',
    make: (folder) => writeArrays(path.join(folder, 'weights.safetensors')),
    mutants: headerMutants,
    read: (file) => readArrays(file, SHAPES),
  },
  torch('torch', 'state-dict.pth'),
  torch('torch-checkpoint', 'checkpoint.pth'),
  torch('torch-zip64', 'zip64.pth'),
];

/** A detector that calls brightness an anomaly. */
function brightnessDetector(): Uint8Array {
  const { GraphBuilder } = built<typeof Graph>('lib/onnx/graph-builder');
  const { encodeDetector } = built<typeof Export>('lib/onnx/export');
  const graph = new GraphBuilder();
  const images = graph.input('images', 'uint8', ['batch', 'height', 'width', 3], 'pixels');
  const values = graph.node('values', 'Cast', [images], { to: 1 });
  const map = graph.node('anomaly_map', 'ReduceMean', [values], { axes: [3], keepdims: 0 });
  const score = graph.node('score', 'ReduceMax', [map], { axes: [1, 2], keepdims: 0 });
  graph.output(map, ['batch', 'height', 'width'], 'map');
  graph.output(score, ['batch'], 'score');
  return encodeDetector(graph.finish('brightness'), {
    category: 'dots',
    imageSize: 32,
    resizeFilter: 'bilinear',
    productResolution: 'image',
    sideMultiple: 16,
    margin: 0,
    autoEncoder: null,
    teacher: { kind: 'none', name: 'none' },
    modelEpoch: 3,
    threshold: { value: 100, pixel: 120, quantile: 0.99, images: 9, source: 'held-out' },
    config: { recipe: 'baseline' },
  });
}

async function readDetector(file: string): Promise<Reading> {
  const { openOnnxDetector } = built<typeof OnnxDetector>('lib/onnx/onnx-detector');
  const { judgeImages } = built<typeof Judge>('cli/inputs/images-to-judge');
  const image = path.join(path.dirname(file), IMAGE);
  const detector = await openOnnxDetector(file, { threads: 1 });
  try {
    for await (const judgement of judgeImages(detector, [{ name: image, file: image }])) {
      if ('error' in judgement) throw judgement.error;
      const { score, map } = judgement;
      const isSound = Number.isFinite(score) && (map?.every(Number.isFinite) ?? true);
      const { threshold } = detector;
      return {
        digest: digestOf(score, map, JSON.stringify(threshold)),
        fault: isSound ? null : `a score of ${score}`,
      };
    }
    return { digest: '', fault: 'no judgement' };
  } finally {
    await detector.dispose();
  }
}

/** An exported detector whose description is changed as JSON. */
function descriptionMutants(sound: Buffer): fc.Arbitrary<Mutant> {
  // Its text is followed, in the file, by nothing that depends on its length but the lengths before it: so it is padded.
  const text = sound.toString('latin1');
  const from = text.indexOf('{"formatVersion"');
  const to = text.indexOf('}}', from) + 2;
  return jsonValueMutants(JSON.parse(text.slice(from, to))).map(({ value, how }) => {
    const json = Buffer.from((JSON.stringify(value) ?? '').padEnd(to - from));
    const bytes = replaceString(sound, from, to, json);
    return { bytes, how: `description: ${how}`, expected: 'sound or refused' };
  });
}

/** Replaces a string of a message by one of another length: ModelProto, metadata_props (14), value (2). */
function replaceString(sound: Buffer, from: number, to: number, other: Buffer): Buffer {
  if (other.length === to - from) {
    return Buffer.concat([sound.subarray(0, from), other, sound.subarray(to)]);
  }
  const varint = (value: number): number[] =>
    value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >> 7)];
  const key = Buffer.concat([Buffer.from([0x0a, 14]), Buffer.from('stfpm_detector')]);
  const value = Buffer.concat([Buffer.from([0x12, ...varint(other.length)]), other]);
  const entry = Buffer.concat([key, value]);
  // A later entry of the same name would come second: the sound one is renamed.
  const before = Buffer.from(sound);
  before.write('xtfpm_detector', before.indexOf('stfpm_detector'), 'latin1');
  return Buffer.concat([before, Buffer.from([0x72, ...varint(entry.length)]), entry]);
}

const detector = (name: string, mutants: Kind['mutants']): Kind => ({
  name,
  file: 'detector.onnx',
  make: async (folder) => {
    fs.writeFileSync(path.join(folder, 'detector.onnx'), brightnessDetector());
    fs.writeFileSync(path.join(folder, IMAGE), await drawing().png().toBuffer());
  },
  mutants,
  read: readDetector,
});

const DETECTORS: Kind[] = [
  detector('onnx', binary('detector.onnx')),
  detector('onnx-description', descriptionMutants),
];

const EPOCHS = [1, 2, 3].map((epoch) => ({ epoch, loss: 1 / epoch, seconds: 0.5 }));

function makeRun(folder: string): void {
  const { RunFolder } = built<typeof Folders>('lib/training/run-folder');
  const { claimRun } = built<typeof RunConfigs>('lib/runs/run-config');
  const { methodConfig } = built<typeof Methods>('lib/methods/index');
  const { storeThreshold } = built<typeof Thresholds>('lib/runs/stored-threshold');
  const run = new RunFolder(folder);
  claimRun(
    run,
    {
      config: methodConfig({ recipe: 'baseline', category: 'dots', imageSize: 64, epochs: 3 }),
      dataset: { root: '/data', trainImages: 2 },
      teacher: { kind: 'random', name: 'random', seed: 1 },
    },
    {
      version: 1,
      category: 'dots',
      images: [0, 1].map((i) => ({
        file: `dots/train/good/${i}.png`,
        role: 'train',
        label: 0,
        defect: 'good',
        sha256: String(i).repeat(64),
      })) as never,
    },
  );
  run.writeEpochs(EPOCHS);
  run.saveModel(arrays(), { epoch: '3' });
  run.saveState(arrays(), { records: EPOCHS, step: 0, sums: {}, seconds: 0 });
  run.writeJson('summary.json', { epochs: 3, seconds: 1.5, modelEpoch: 3, notes: [] });
  storeThreshold(run, { value: 0.5, pixel: 0.6, quantile: 0.99, images: 4, source: 'held-out' });
}

type Run = Folders.RunFolder;

function runFile(file: string, read: (run: Run) => [values: unknown, fault: string | null]): Kind {
  return {
    name: `run-${path.parse(file).name}`,
    file,
    make: makeRun,
    mutants: file.endsWith('.jsonl')
      ? textMutants
      : file.endsWith('.safetensors')
        ? headerMutants
        : jsonMutants,
    read: (mutant) => {
      const { RunFolder } = built<typeof Folders>('lib/training/run-folder');
      const [values, fault] = read(new RunFolder(path.dirname(mutant)));
      return { digest: digestOf(JSON.stringify(values)), fault };
    },
  };
}

const areNumbers = (records: readonly object[]) =>
  records.every((record) => Object.values(record).every(Number.isFinite));

const RUNS: Kind[] = [
  runFile('config.json', (run) => {
    const { requireDetectorRun } = built<typeof OpenRun>('lib/runs/open-run');
    const { config } = requireDetectorRun(run);
    const { imageSize } = config;
    const sides = typeof imageSize === 'number' ? [imageSize] : Object.values(imageSize);
    const isSound = sides.every((side) => side >= 32 && side <= 2048);
    return [config, isSound ? null : `images of ${JSON.stringify(imageSize)}`];
  }),
  runFile('threshold.json', (run) => {
    const { storedThreshold } = built<typeof Thresholds>('lib/runs/stored-threshold');
    const threshold = storedThreshold(run);
    return [
      threshold,
      Number.isFinite(threshold?.value) ? null : `a threshold of ${threshold?.value}`,
    ];
  }),
  runFile('split.json', (run) => {
    const { readImageRecord } = built<typeof ImageRecords>('lib/runs/image-record');
    const record = readImageRecord(run);
    const isSound = record?.images.every(({ file }) => typeof file === 'string' && file !== '');
    return [record, isSound ? null : 'images without a name'];
  }),
  runFile('metrics.jsonl', (run) => {
    const epochs = run.readEpochs();
    const isSound = areNumbers(epochs) && epochs.every(({ epoch }, i) => epoch === i + 1);
    return [epochs, isSound ? null : `epochs ${JSON.stringify(epochs)}`];
  }),
  runFile('summary.json', (run) => {
    const { learningSeconds } = built<typeof RunConfigs>('lib/runs/run-config');
    const seconds = learningSeconds(run);
    const isSound = Number.isFinite(seconds) && seconds >= 0;
    return [seconds, isSound ? null : `${seconds} seconds`];
  }),
  runFile('state.safetensors', (run) => {
    const { progress } = run.loadState()!;
    const { step, seconds, records, sums } = progress;
    const isSound =
      Number.isInteger(step) && step >= 0 && seconds >= 0 && areNumbers([...records, sums]);
    return [progress, isSound ? null : `progress ${JSON.stringify(progress)}`];
  }),
];

/** Numbers or null, at any depth: what a metric that is not defined is written as. */
function areNumbersWithin(value: unknown): boolean {
  if (value === null || typeof value === 'string') return true;
  if (typeof value === 'object') return Object.values(value).every(areNumbersWithin);
  return Number.isFinite(value);
}

const RESULT = path.join(ROOT, 'results', 'baseline-bottle-A-seed0.json');

const SWEEP = `name: widths
data: synthetic
teacher: embedded
categories: [dots, lines]
seeds: [0, 1]
settings: { imageSize: 64 }
rows:
  - name: narrow
    method: patchcore
    grid:
      coresetShare: [0.1, 0.2]
resources: { cpus: 1, memory: 3000 }
`;

const RESULTS: Kind[] = [
  {
    name: 'result',
    file: 'result.json',
    make: (folder) => fs.copyFileSync(RESULT, path.join(folder, 'result.json')),
    mutants: jsonMutants,
    read: (file) => {
      const { readResult } = built<typeof Results>('cli/runs/result-record');
      const { config, metrics, loss, seconds } = readResult(file) as unknown as Record<
        string,
        never
      >;
      const isSound = areNumbersWithin(metrics) && (loss as unknown[]).every(areNumbersWithin);
      return {
        digest: digestOf(JSON.stringify([config, metrics, loss, seconds])),
        fault: isSound ? null : `metrics ${JSON.stringify(metrics).slice(0, 200)}`,
      };
    },
  },
  {
    name: 'sweep',
    file: 'sweep.yaml',
    make: (folder) => fs.writeFileSync(path.join(folder, 'sweep.yaml'), SWEEP),
    mutants: textMutants,
    read: (file) => {
      const { readSweepFile } = built<typeof Sweeps>('lib/sweep/sweep-file');
      return { digest: digestOf(JSON.stringify(readSweepFile(file))), fault: null };
    },
  },
  {
    name: 'npy',
    file: 'maps.npy',
    make: (folder) => {
      const { encodeNpyMaps } = built<typeof Npy>('lib/evaluation/npy');
      const maps = [Float32Array.of(1, 2, 3, 4, 5, 6)];
      fs.writeFileSync(path.join(folder, 'maps.npy'), encodeNpyMaps(maps, { height: 2, width: 3 }));
    },
    mutants: binary('maps.npy'),
    read: (file) => {
      const { readNpy } = built<typeof Npy>('lib/evaluation/npy');
      const { shape, data } = readNpy(file);
      const length = shape.reduce((product, size) => product * size, 1);
      const fault = length === data.length ? null : `${data.length} values of shape ${shape}`;
      return { digest: digestOf(JSON.stringify(shape), data), fault };
    },
  },
  {
    name: 'judgements',
    file: 'judgements.jsonl',
    make: (folder) => {
      const lines = [1, 2].map((i) => ({
        ...{ type: 'image', file: `${i}.png`, score: i / 2, size: 99 * i, modified: 1.5e12 },
      }));
      const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
      fs.writeFileSync(path.join(folder, 'judgements.jsonl'), text);
    },
    mutants: textMutants,
    read: (file) => {
      const { judgedBefore } = built<typeof Judgements>('cli/runs/judgement-files');
      const judged = [...judgedBefore(path.dirname(file))];
      const isSound = judged.every(
        ([name, { size, modified }]) =>
          typeof name === 'string' && Number.isFinite(size) && Number.isFinite(modified),
      );
      return { digest: digestOf(JSON.stringify(judged)), fault: isSound ? null : 'odd versions' };
    },
  },
  {
    name: 'names',
    file: 'names.json',
    make: (folder) =>
      fs.writeFileSync(
        path.join(folder, 'names.json'),
        JSON.stringify({ names: ['a.png', 'b c.png', 'ä.png', '=1+1.png', 'x"y,z.png'] }),
      ),
    mutants: jsonMutants,
    // Names are no file's content: what is written about them is what must not be forged.
    read: (file) => {
      const { formatCsv } = built<typeof Csv>('lib/evaluation/csv');
      let names: unknown[];
      try {
        const { names: listed } = JSON.parse(fs.readFileSync(file, 'utf8')) as { names: unknown[] };
        names = listed.map(String);
      } catch {
        return { digest: '', fault: null };
      }
      const text = formatCsv(names.map((name) => [String(name), 1]));
      const lines = text.split('\n').slice(0, -1);
      const isForged = lines.length !== names.length || /[^\n\P{Cc}]/u.test(text);
      const isFormula = lines.some((line) => /^"?[=+\-@]/.test(line));
      return {
        digest: digestOf(text),
        fault: isForged || isFormula ? `forged lines: ${JSON.stringify(text)}` : null,
      };
    },
  },
];

/** All kinds of files, by what reads them. */
export const KINDS: readonly Kind[] = [
  ...PICTURES,
  ...TRUTHS,
  ...WEIGHTS,
  ...DETECTORS,
  ...RUNS,
  ...RESULTS,
];
