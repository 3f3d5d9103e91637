import * as path from 'path';
import { largestCounted } from '../anomaly-map/map-values';
import { createDetector } from '../anomaly-map/detect';
import type { AnomalyDetector } from '../anomaly-map/detect';
import type { Detection } from '../anomaly-map/detection';
import { judgePicture } from '../anomaly-map/judge-picture';
import type { OperatingThreshold } from '../anomaly-map/threshold';
import { loadAugmented } from '../data/augment';
import { findValueRange } from '../data/find-value-range';
import { loadRgb } from '../data/image';
import { loadFrames } from '../data/load-frames';
import { regionOfPicture, withRegions } from '../data/regions-of-pictures';
import type { ImageStack } from '../data/image';
import { namingAll } from '../data/damaged';
import type { Dataset, Sample } from '../data/sample';
import { chooseSome, splitTrain } from '../data/split';
import { describeDevice, engineVersions, openEventWriter } from '../engine/index';
import type { EventWriter } from '../engine/index';
import { learnerOf, methodOf } from '../methods/index';
import type { DetectorConfig, MethodConfig } from '../methods/index';
import type { Fitted, MethodSettings, NormalImages } from '../methods/method';
import type { ParameterStore } from '../models/parameter-store';
import { inFrame } from '../models/image-size';
import { sizeOf } from '../models/side-or-size';
import { noTeacher } from '../models/teacher';
import type { Teacher } from '../models/teacher';
import { RunFolder } from '../training/run-folder';
import type { EpochRecord } from '../training/run-folder';
import type { StepEvent, TrainResult } from '../training/train';
import type { NamedArrays } from '../weights/named-arrays';
import { readAutoEncoders, requireAutoEncodersFor } from './open-run';
import type { AutoEncoderFile } from './open-run';
import { operatingThreshold } from './operating-threshold';
import { forgetThreshold } from './stored-threshold';
import { recordImages } from './image-record';
import type { UsedImages } from './image-record';
import { claimRun, epochSeconds, epochsOf, isComplete } from './run-config';
import { loadTiles } from './train-tiles';
import { readStudentRun } from './student-run';
import type { StudentRun } from './student-run';

export interface TrainDetectorOptions {
  /** The value that is white, for images with more than 8 bits a channel. Default: found from the train images. */
  white?: number;
  /**
   * What counts of the images: the file of one region for all of them, or the folder of one for each, see `withRegions`.
   * Default: the data set's, else that of the settings.
   */
  roi?: string;
  /** The share of good images that the threshold may let pass for defective, see `thresholdFromGood`. Default .01. */
  falseAlarms?: number;
  /** Joint training from pre-trained auto-encoders: the model file of a pre-training run. */
  autoEncoderFile?: string;
  /** Methods that join a student's maps with others, with `epochs` 0: the run whose student is taken over. */
  studentRun?: string;
  /**
   * Bytes of memory that the teacher's features may take, all of them together; beyond it they lie in the run folder and
   * are read batch by batch. This changes no number of the run. Default 2 GiB.
   */
  featureMemory?: number;
  /** As in `train`: seconds of training that a killed process may lose. Default 30. */
  saveSeconds?: number;
  signal?: AbortSignal;
  /** What is being prepared: 'images', 'teacher' (its features), or what the method calls it. */
  onPrepare?: (phase: string, done: number, total: number) => void;
  onStep?: (event: StepEvent) => void;
  onEpoch?: (record: EpochRecord, records: readonly EpochRecord[]) => void;
}

/** Milliseconds. */
const A_MOMENT = 500;

/** The result of a run that needs no more training; null when there is something left to train. */
function finishedResult(run: RunFolder, config: MethodConfig): LearningResult | null {
  if (!isComplete(run, config)) return null;
  const records = run.readEpochs();
  const { modelEpoch, notes } = run.readJson('summary.json') as Pick<
    LearningResult,
    'modelEpoch' | 'notes'
  >;
  return { status: 'finished', epochs: records, modelEpoch, ...(notes && { notes }) };
}

/** What came of learning, with what the user should know of it. */
export type LearningResult = TrainResult & Pick<Fitted, 'notes'>;

/** The pre-trained auto-encoders that a configuration asks for. */
function startingAutoEncoders(
  config: MethodConfig,
  file: string | undefined,
  { source }: Teacher,
): AutoEncoderFile | null {
  const isNeeded = config.recipe === 'joint' && config.mode !== 'raw';
  if (!isNeeded) {
    if (file === undefined) return null;
    throw new Error(`${file}: this training does not begin with pre-trained auto-encoders.`);
  }
  if (file === undefined) {
    throw new Error(
      `Joint training in mode "${config.mode}" needs pre-trained auto-encoders: name the model of a ` +
        'pre-training run, or choose mode "raw".',
    );
  }
  const autoEncoders = readAutoEncoders(file, config.autoEncoder);
  requireAutoEncodersFor(file, { ...config, teacher: source });
  return autoEncoders;
}

/** The student that a configuration asks for. */
function startingStudent(
  config: MethodConfig,
  folder: string | undefined,
  dataset: Dataset,
  { source }: Teacher,
): StudentRun | null {
  const { takesStudent = false } = learnerOf(config);
  const isWanted = takesStudent && epochsOf(config) === 0;
  if (folder === undefined) {
    if (!isWanted) return null;
    throw new Error('With 0 epochs, the student of another run is taken over: name the run.');
  }
  if (isWanted) return readStudentRun(folder, config, dataset, source);
  const expected = takesStudent ? 'with 0 epochs alone' : 'by no run of this method';
  throw new Error(`${folder}: the student of another run is taken over ${expected}.`);
}

/**
 * Makes a detector by any method into a run folder, or goes on with the run that is there; a finished one is returned
 * at once. Only normal train images are learnt from, and only they choose epoch and threshold. Pre-training also reads
 * the test images: after each epoch it records how well the auto-encoders reconstruct their features. That is for the
 * reader of the record alone; no weight, no epoch and no setting is chosen by it.
 *
 * @param teacher methods that use none leave it alone, and do not record it; see `noTeacher`
 *
 * @throws RangeError for fewer train images than the settings ask for; Error when the folder holds a run with other
 *   settings or more epochs, another process trains in it, or it is deleted in the meantime; the signal's reason when
 *   that comes before the first step; TrainingDivergedError
 */
export async function trainDetector(
  settings: MethodConfig,
  images: Dataset,
  teacher: Teacher,
  folder: string,
  options: TrainDetectorOptions = {},
): Promise<LearningResult> {
  const run = new RunFolder(path.resolve(folder));
  const { signal, onPrepare } = options;
  const dataset =
    options.roi === undefined ? images : await withRegions(images, options.roi, { signal });
  const used = usedImages(settings, dataset);
  const good = [...used.train, ...used.heldOut];
  const { usesTeacher } = learnerOf(settings);
  checkGeometry({ ...settings, roi: dataset.roi ?? settings.roi });
  const start = startingAutoEncoders(settings, options.autoEncoderFile, teacher);
  const unlock = run.lock();
  try {
    const { range: valueRange, note: rangeNote } = await namingAll(good, () =>
      findValueRange(good, { white: options.white ?? settings.valueRange?.white, signal }),
    );
    const config = { ...settings, valueRange, roi: dataset.roi ?? settings.roi };
    const student = startingStudent(config, options.studentRun, dataset, teacher);
    const asked = performance.now();
    const record = await recordImages(dataset, used, {
      signal,
      onProgress: (done, total) => {
        // A matter of a moment for most.
        if (performance.now() - asked > A_MOMENT) onPrepare?.('checksums', done, total);
      },
    });
    const wanted = {
      config,
      dataset: { root: dataset.root, trainImages: dataset.train.length },
      teacher: usesTeacher ? teacher.source : noTeacher().source,
      ...(options.falseAlarms !== undefined && { falseAlarms: options.falseAlarms }),
      ...(start && {
        autoEncoders: { file: path.resolve(options.autoEncoderFile!), sha256: start.sha256 },
      }),
      ...(student && { student: { file: path.resolve(student.file), sha256: student.sha256 } }),
    };
    claimRun(run, wanted, record);
    const done = finishedResult(run, config);
    if (done) return done;
    run.remove('summary.json');
    forgetThreshold(run);

    const normal = await loadNormalImages(config, used, options);
    const header = {
      format: 'pt',
      recipe: config.recipe,
      category: config.category,
      config: JSON.stringify(config),
    };
    const board = openTensorBoard(run.file('tensorboard'));
    const begun = performance.now();
    const secondsBefore = epochSeconds(run);
    const fitted = await learnerOf(config)
      .fit(normal, config, {
        teacher: teacher.store,
        run,
        header,
        ...(start && { autoEncoders: start.arrays }),
        ...(student && { student: student.model }),
        featureMemory: options.featureMemory,
        testImages: (label) => loadTestImages(config, dataset, label, options),
        saveSeconds: options.saveSeconds,
        signal,
        onProgress: onPrepare,
        onStep: options.onStep,
        onEpoch: (record, records) => {
          board.write(record);
          options.onEpoch?.(record, records);
        },
      })
      .finally(() => board.close());
    if (fitted.status === 'interrupted') return fitted;
    const { model, notes = [], ...learnt } = fitted;
    if (rangeNote !== null) notes.unshift(rangeNote);
    const { epochs, modelEpoch } = learnt;
    const inEpochs = epochSeconds(run) - secondsBefore;
    const seconds = (performance.now() - begun) / 1000 - inEpochs + (student?.seconds ?? 0);
    const metadata = { ...header, ...(modelEpoch !== null && { epoch: String(modelEpoch) }) };
    if (config.recipe !== 'pre-training') {
      const threshold = await thresholdOf(model, config, normal, used, teacher.store, {
        rate: options.falseAlarms,
        signal,
      });
      if (!threshold) notes.push(NO_THRESHOLD);
      run.saveModel(model, {
        ...metadata,
        ...(threshold && { threshold: JSON.stringify(threshold) }),
      });
    }
    const result = { ...learnt, ...(notes.length > 0 && { notes }) };
    run.writeJson('summary.json', {
      ...result,
      epochs: epochs.length,
      ...(epochs.length > 0 && { finalLoss: epochs[epochs.length - 1].loss }),
      seconds,
      versions: engineVersions(),
      device: describeDevice(),
    });
    return result;
  } finally {
    unlock();
  }
}

/**
 * Event files for TensorBoard: each number of an epoch's record as a scalar over epochs. Made at the first epoch's end,
 * for a method may have none.
 */
function openTensorBoard(folder: string): { write(record: EpochRecord): void; close(): void } {
  let writer: EventWriter | null = null;
  return {
    write: ({ epoch, ...numbers }) => {
      writer ??= openEventWriter(folder);
      for (const [name, value] of Object.entries(numbers)) {
        if (value !== undefined) writer.scalar(name, value, epoch);
      }
      writer.flush();
    },
    close: () => writer?.close(),
  };
}

const NO_THRESHOLD =
  'No good image was held out to set a threshold from, so there are scores and no verdicts.';

/**
 * Set from the images that were held out; where there are none, and the method does not know its train images by heart,
 * from those, as the detector will see images later: resized, and not otherwise changed.
 */
async function thresholdOf(
  model: NamedArrays,
  config: DetectorConfig,
  images: LoadedImages,
  used: UsedImages,
  teacher: ParameterStore,
  options: { rate: number | undefined; signal: AbortSignal | undefined },
): Promise<OperatingThreshold | null> {
  const isByHeart = !('protocol' in config);
  const isHeldOut = images.forThreshold.count > 0;
  if (!isHeldOut && isByHeart) return null;
  const judge = methodOf(config).open(model, config, teacher);
  const detector = createDetector(judge, {
    ...config,
    productResolution: 'image',
    threshold: null,
  });
  const source = isHeldOut ? 'held-out' : 'train';
  try {
    if (config.tileOverlap !== null) {
      const pictures = isHeldOut ? used.heldOut : used.train;
      // Their number is all that is asked of this stack.
      const stack = { ...images.train, count: pictures.length };
      return await operatingThreshold(ofPictures(detector, pictures), stack, source, options);
    }
    const normal = isHeldOut ? images.forThreshold : await images.original();
    return await operatingThreshold(detector, normal, source, options);
  } finally {
    await detector.dispose();
  }
}

/**
 * In place of a detector of tiles, what it says of whole pictures, which are too many or too large to be in memory
 * together: of their maps the highest value alone.
 */
function ofPictures(detector: AnomalyDetector, pictures: readonly Sample[]): AnomalyDetector {
  return {
    ...detector,
    detect: async (_, { signal } = {}) => {
      const detections: Detection[] = [];
      for (const image of pictures) {
        const picture = await loadRgb(image.file, { valueRange: detector.valueRange });
        const region = (await regionOfPicture(image, picture, detector.roi ?? null)) ?? undefined;
        const { score, map } = await judgePicture(detector, picture, { signal, region });
        const peak = map && Float32Array.of(largestCounted(map));
        detections.push({ score, map: peak, levelMaps: [] });
      }
      return detections;
    },
  };
}

function imageLoader(config: MethodConfig, { signal, onPrepare }: TrainDetectorOptions) {
  return {
    size: sizeOf(config.imageSize),
    fit: config.fit,
    filter: config.resizeFilter,
    valueRange: config.valueRange,
    roi: config.roi,
    signal,
    onProgress: (done: number, total: number) => onPrepare?.('images', done, total),
  };
}

/** @throws RangeError for settings by which pictures come to the detector's frame and that its method cannot follow */
function checkGeometry(config: MethodConfig): void {
  const { tileOverlap, fit, roi } = config;
  if (roi !== null && config.augmentedImages > 0) {
    throw new RangeError(
      'Expected images all of which counts where there are augmented images, which are turned and cropped from them, ' +
        `found a region of interest, ${roi.name}.`,
    );
  }
  if (tileOverlap === null && fit === 'stretch') return;
  if (config.augmentedImages > 0) {
    throw new RangeError(
      'Expected pictures that are seen whole and stretched where there are augmented images, which are turned and ' +
        `cropped from them, found ${inFrame(config)}.`,
    );
  }
  if (tileOverlap !== null) {
    const { height, width } = sizeOf(config.imageSize);
    if (fit !== 'stretch') {
      throw new RangeError(
        `Expected no fit with tiles, which are cut at a picture's own size, found "${fit}".`,
      );
    }
    if (tileOverlap >= Math.min(height, width)) {
      throw new RangeError(
        `Expected tiles that overlap by less than their side, found ${inFrame(config)}.`,
      );
    }
    return;
  }
  if (fit === 'crop') return;
  requirePadding(config, 'Expected fit "stretch" or "crop", found "pad".');
}

/** @throws RangeError for a method that learns from padding too */
function requirePadding(config: MethodConfig, instead: string): void {
  if (config.recipe === 'pre-training') return;
  const { title, canPad } = methodOf(config);
  if (!canPad) throw new RangeError(`${title}: padding cannot be left out of it. ${instead}`);
}

/** @throws RangeError for a method that learns from what lies outside a region of interest too, where anything does */
function requireLeavingOut(config: MethodConfig, { region }: ImageStack): void {
  if (!region || config.roi === null || config.recipe === 'pre-training') return;
  const { title, canPad } = methodOf(config);
  if (canPad) return;
  throw new RangeError(
    `${title}: what lies outside a region of interest cannot be left out of it. ` +
      `Expected images all of which counts, or the method stfpm or joint, found the region ${config.roi.name}.`,
  );
}

interface LoadedImages extends NormalImages {
  /** The images held out, those that no method may choose by included. */
  forThreshold: ImageStack;
  /** The train images as the detector will see images later: resized, and not otherwise changed. */
  original(): Promise<ImageStack>;
}

async function loadNormalImages(
  config: MethodConfig,
  used: UsedImages,
  options: TrainDetectorOptions,
): Promise<LoadedImages> {
  const loader = imageLoader(config, options);
  const { seed, augmentedImages } = config;
  if (config.tileOverlap !== null) return loadTiled(config, used, loader);
  const all = [...used.train, ...used.heldOut];
  const forThreshold = await namingAll(all, () => loadFrames(used.heldOut, loader));
  requireLeavingOut(config, forThreshold);
  const train = await namingAll(all, () =>
    augmentedImages > 0
      ? loadAugmented(used.train, augmentedImages, seed, loader)
      : loadFrames(used.train, loader),
  );
  requireLeavingOut(config, train);
  return {
    train,
    heldOut: withoutUnused(config, forThreshold),
    forThreshold,
    original: async () =>
      augmentedImages > 0 ? loadFrames(used.train, { ...loader, onProgress: undefined }) : train,
  };
}

/** Protocol A chooses no epoch, and learns nothing of images that are held out for the threshold alone. */
function withoutUnused(config: MethodConfig, { height, width, ...stack }: ImageStack): ImageStack {
  const isUnused =
    config.recipe === 'pre-training' || ('protocol' in config && config.protocol === 'A');
  if (isUnused) return { count: 0, height, width, data: new Uint8Array(0) };
  return { ...stack, height, width };
}

/** The tiles to learn from, and those of the held-out pictures to choose by. */
async function loadTiled(
  config: MethodConfig,
  { train, heldOut }: UsedImages,
  { signal, onProgress, valueRange, roi }: ReturnType<typeof imageLoader>,
): Promise<LoadedImages> {
  const { tileOverlap, imageSize, maxTiles, seed } = config;
  const options = { size: sizeOf(imageSize), overlap: tileOverlap!, seed, signal, valueRange, roi };
  // As many of a held-out picture as of one that is learnt from.
  const limit = Math.max(1, Math.round((maxTiles * heldOut.length) / train.length));
  const all = [...train, ...heldOut];
  const forThreshold = await namingAll(all, () => loadTiles(heldOut, { ...options, limit }));
  const tiles = await namingAll(all, () =>
    loadTiles(train, { ...options, limit: maxTiles, onProgress }),
  );
  requireLeavingOut(config, tiles);
  requireLeavingOut(config, forThreshold);
  if (tiles.region || forThreshold.region) {
    requirePadding(config, 'Expected no picture smaller than a tile, found one.');
  }
  return {
    train: tiles,
    heldOut: withoutUnused(config, forThreshold),
    forThreshold,
    original: () => Promise.resolve(tiles),
  };
}

/**
 * The good images that are learnt from, held out, and left alone.
 *
 * @throws RangeError when the settings ask for more than there are
 */
export function usedImages(
  config: MethodConfig,
  { train: all, heldOut: given }: Pick<Dataset, 'train' | 'heldOut'>,
): UsedImages {
  const { trainImages = null } = config as MethodSettings;
  const good = trainImages === null ? all : chooseSome(all, trainImages, config.seed);
  const unused = all.filter((sample) => !good.includes(sample));
  if (given) return { train: good, heldOut: given, unused };
  const share = heldOutShare(config, good.length);
  if (share === 0) return { train: good, heldOut: [], unused };
  const { train, validation } = splitTrain(good, {
    validationShare: share,
    seed: config.seed,
  });
  return { train, heldOut: validation, unused };
}

/** The share of the train images that is not learnt from. */
function heldOutShare(config: MethodConfig, trainImages: number): number {
  if (config.recipe === 'pre-training') return 0;
  if ('protocol' in config) return config.protocol === 'B' ? config.validationShare : 0;
  return trainImages > 1 ? config.validationShare : 0;
}

async function loadTestImages(
  config: MethodConfig,
  dataset: Dataset,
  label: 0 | 1,
  options: TrainDetectorOptions,
): Promise<ImageStack | null> {
  const samples = dataset.test.filter((sample) => sample.label === label);
  if (samples.length === 0) return null;
  if (config.tileOverlap === null) return loadFrames(samples, imageLoader(config, options));
  const { tileOverlap: overlap, imageSize, maxTiles: limit, seed } = config;
  const { signal, valueRange, roi } = imageLoader(config, options);
  return loadTiles(samples, {
    size: sizeOf(imageSize),
    ...{ overlap, limit, seed, signal, valueRange, roi },
  });
}
