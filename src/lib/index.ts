/** The lab's library: everything that notebooks, figures, the command line and other programs use. */
export { anomalyMaps, levelMap } from './anomaly-map/anomaly-map';
export type { AnomalyMaps, ProductResolution } from './anomaly-map/anomaly-map';
export { createDetector, createTensorFlowDetector } from './anomaly-map/detect';
export type {
  AnomalyDetector,
  DetectImages,
  DetectOptions,
  DetectorSettings,
  Judge,
  TensorFlowDetector,
} from './anomaly-map/detect';
export { mapOf } from './anomaly-map/detection';
export type { Detection, PixelDetection } from './anomaly-map/detection';
export { imageScore } from './anomaly-map/map-values';
export {
  givenThreshold,
  isDefective,
  promiseOf,
  resetThreshold,
  thresholdByCost,
  thresholdFromGood,
} from './anomaly-map/threshold';
export type { Costs, GoodScores, OperatingThreshold } from './anomaly-map/threshold';
export { isPlain, judgePicture } from './anomaly-map/judge-picture';
export type { PictureDetection } from './anomaly-map/judge-picture';
export { detectTiled } from './anomaly-map/tiles';
export { DatasetError, readImageFolder } from './data/folder';
export type { ReadFolderOptions } from './data/folder';
export { framePicture, framingOf, mapInPicture } from './data/frame';
export type { Fit, Framing } from './data/frame';
export { loadFrames } from './data/load-frames';
export type { LoadFramesOptions, PictureFile } from './data/load-frames';
export type { RegionOfInterest } from './data/region-of-interest';
export { withRegions } from './data/regions-of-pictures';
export { imageOf, loadImages, loadRgb } from './data/image';
export type { ImageStack, LoadImagesOptions, LoadRgbOptions, RgbImage } from './data/image';
export { checkMasks, loadMask, loadMasks } from './data/mask';
export type {
  LoadMaskOptions,
  LoadMasksOptions,
  Mask,
  MaskCheck,
  MaskRemark,
  MaskStack,
} from './data/mask';
export { listMvtecCategories, readMvtecCategory } from './data/mvtec';
export type { ReadMvtecOptions } from './data/mvtec';
export { openCategory } from './data/open-category';
export { foldersIn, openFolders } from './data/open-folders';
export type { FoldersFound, OpenFoldersOptions } from './data/open-folders';
export { inspectImages } from './data/inspect-images';
export type {
  ImageLook,
  InspectedImage,
  Inspection,
  InspectOptions,
  Oddity,
} from './data/inspect-images';
export type { OpenCategoryOptions } from './data/open-category';
export { resample } from './data/resample';
export type { ResizeFilter } from './data/resample';
export type { Dataset, Division, OpenedCategory, Sample } from './data/sample';
export { divideImages, splitTrain } from './data/split';
export type { DivideOptions, Divisible, Role, SplitOptions } from './data/split';
export type { Rendering } from './data/synthetic/film';
export {
  DEFAULT_SYNTHETIC_CATEGORIES,
  renderSynthetic,
  SYNTHETIC_CATEGORIES,
} from './data/synthetic/render-synthetic';
export type { SyntheticSpec } from './data/synthetic/render-synthetic';
export { writeSyntheticDataset } from './data/synthetic/write-synthetic-dataset';
export type { WriteSyntheticOptions } from './data/synthetic/write-synthetic-dataset';
export { describeDevice, engineVersions, tf } from './engine/index';
export { FileError, ImageFileError } from './files/file-error';
export { aurocDifference } from './evaluation/auroc-difference';
export type { AurocDifference } from './evaluation/auroc-difference';
export {
  compareContrasts,
  mapContrast,
  mapContrasts,
  pairedDifference,
} from './evaluation/contrast';
export type { ContrastDifference, MapContrast, PairedDifference } from './evaluation/contrast';
export { formatCsv, formatScoresCsv, writeScoresCsv } from './evaluation/csv';
export { evaluateDetector, pixelScores } from './evaluation/evaluate-detector';
export type { EvaluateOptions, Evaluation } from './evaluation/evaluate-detector';
export { evaluateMaps } from './evaluation/evaluate-maps';
export type {
  DefectMetrics,
  EvaluationCounts,
  EvaluationInput,
  EvaluationMetrics,
  ImageResult,
  PixelMetrics,
  RankingMetrics,
} from './evaluation/evaluate-maps';
export { formatMetricsJson, writeMetricsJson } from './evaluation/metrics-json';
export { decodeNpy, encodeNpyMaps, readNpy, writeNpyMaps } from './evaluation/npy';
export type { NpyArray } from './evaluation/npy';
export { findFinishedRun } from './experiments/find-finished-run';
export type { WantedRun } from './experiments/find-finished-run';
export { comparedIndices, COMPARISON_FIGURES } from './experiments/paper-figures';
export type { ComparisonFigure } from './experiments/paper-figures';
export { fewShotCopies, planRuns } from './experiments/plan-runs';
export type { PlannedRuns, PlanOptions } from './experiments/plan-runs';
export type { PaperNumbers, Preset } from './experiments/preset';
export { ABLATIONS, EXPERIMENTS, SWEEP, TEACHER_COMPARISON } from './experiments/studies';
export { TABLE_2 } from './experiments/table2';
export { METHODS, methodConfig, methodOf } from './methods/index';
export type { DetectorConfig, MethodConfig } from './methods/index';
export type { AnomalyMethod, FitContext, Fitted, NormalImages } from './methods/method';
export { levelMeanSquaredError, preTrainingLoss } from './losses/pre-training';
export { levelReconstructionLoss, reconstructionLoss } from './losses/reconstruction';
export type { ReconstructionMeasure } from './losses/reconstruction';
export { l2Normalise, levelSimilarityLoss, similarityLoss } from './losses/similarity';
export {
  aupimo,
  aupro,
  auroc,
  averagePrecision,
  f1Max,
  instanceAveragePrecision,
  precisionRecallCurve,
  proCurve,
  rocCurve,
} from './metrics/index';
export type { ImageSize } from './metrics/index';
export {
  autoEncode,
  autoEncoderConfigSchema,
  autoEncoderShapes,
  autoEncodersShapes,
  autoEncoderSteps,
  initialiseAutoEncoders,
  reconstruct,
} from './models/auto-encoder';
export type {
  AutoEncoderConfig,
  AutoEncoderConfigInput,
  AutoEncoders,
  AutoEncoderStep,
} from './models/auto-encoder';
export { detectorFeatures } from './models/detector';
export type { DetectorArrays, DetectorNetworks, PyramidPair } from './models/detector';
export { levelFeatures, levelReconstructions } from './models/feature-maps';
export type { LevelFeatures } from './models/feature-maps';
export { imageBatch, IMAGENET_MEAN, IMAGENET_STD } from './models/image-batch';
export { ParameterStore } from './models/parameter-store';
export { sizeOf } from './models/side-or-size';
export type { SideOrSize } from './models/side-or-size';
export {
  initialiseResNet18,
  LEVEL_CHANNELS,
  LEVEL_NAMES,
  LEVEL_STRIDES,
  resnet18,
  resnet18Shapes,
  SIZE_MULTIPLE,
} from './models/resnet18';
export type { FeaturePyramid } from './models/resnet18';
export {
  describeTeacher,
  embeddedTeacher,
  loadTeacher,
  openTeacher,
  randomTeacher,
  readTeacherFile,
} from './models/teacher';
export type { OpenTeacherOptions, Teacher, TeacherSource } from './models/teacher';
export { exportDetector } from './onnx/export';
export type { ExportDescription } from './onnx/export';
export { OnnxFileError, readDetectorMetadata } from './onnx/metadata';
export type { DetectorMetadata } from './onnx/metadata';
export { createOnnxDetector, openOnnxDetector } from './onnx/onnx-detector';
export type { OnnxDetector } from './onnx/onnx-detector';
export { Random } from './random/random';
export type { RandomState } from './random/random';
export {
  baselineConfig,
  jointConfig,
  preTrainingConfig,
  trainingConfig,
  trainingConfigSchema,
} from './training/config';
export type {
  BaselineConfig,
  BaselineConfigInput,
  JointConfig,
  JointConfigInput,
  PreTrainingConfig,
  PreTrainingConfigInput,
  TrainingConfig,
} from './training/config';
export { CANDIDATE_NAMES, chooseMethod } from './runs/choose-method';
export type { Choice, ChooseOptions, Trial } from './runs/choose-method';
export { exportRun } from './runs/export-run';
export { settingsForStudentOf } from './runs/student-run';
export { loadDetector, openRun, readAutoEncoders, readRun } from './runs/open-run';
export type {
  AutoEncoderFile,
  DetectorRunConfig,
  LoadedRun,
  LoadedStudentRun,
  ReadRun,
} from './runs/open-run';
export { operatingThreshold } from './runs/operating-threshold';
export { RunFolder } from './training/run-folder';
export { readRunConfig } from './runs/run-config';
export type { EpochRecord } from './training/run-folder';
export type { RunConfig } from './runs/run-config';
export { trainDetector } from './runs/train-detector';
export type { TrainDetectorOptions } from './runs/train-detector';
export { TrainingDivergedError } from './training/train';
export type { StepEvent, TrainResult } from './training/train';
export { weightChange, WeightFileError } from './weights/named-arrays';
export type { NamedArray, NamedArrays, WeightChange } from './weights/named-arrays';
export { readWeights } from './weights/read-weights';
export { readSafetensors, writeSafetensors } from './weights/safetensors';
export type { Safetensors, WriteSafetensorsOptions } from './weights/safetensors';
export { statusOnDisk } from './sweep/coordinate';
export type { CoordinateOptions, NodeState, SweepStatus } from './sweep/coordinate';
export { readPlan } from './sweep/plan';
export type { Plan, PlanCell, PlanNode, PlanRow } from './sweep/plan';
export { sweep } from './sweep/sweep';
export type { EngineOptions } from './sweep/sweep';
