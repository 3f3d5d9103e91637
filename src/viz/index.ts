export { colormap, type ColormapName } from './colormap/colormap';
export { minMaxRange, type Range } from './scale/scale';
export { sharedScale, type SharedScaleOptions } from './scale/scale';
export { toUnit } from './scale/scale';
export { heatMap, type HeatMapOptions, type MapSize } from './image/heat-map';
export { blend, superposition, type BlendOptions } from './image/overlay';
export { outlinePath } from './image/outline';
export { drawOutline, type OutlineOptions } from './image/draw-outline';
export { Figure } from './figure/figure';
export {
  panelGrid,
  type GridBlock,
  type GridRow,
  type Panel,
  type PanelGridOptions,
} from './figure/panel-grid';
export type { ColourBar } from './figure/colour-bar';
export {
  comparisonStrip,
  type ModelMaps,
  type StripImage,
  type StripOptions,
  type StripScale,
} from './figure/strip';
export {
  comparisonFigures,
  type ComparisonFigures,
  type ComparisonFiguresOptions,
} from './figure/comparison-figures';
export {
  comparedImages,
  levelTitles,
  scaleOfGoodImages,
  type EvaluatedModel,
} from './figure/model-comparison';
export { methodGrid, type JudgingMethod, type MethodGridOptions } from './figure/method-grid';
export { featureGrid, type FeatureGridOptions } from './figure/feature-grid';
export type { FeatureMaps } from './figure/feature-channels';
export {
  reconstructionGrid,
  type ReconstructedImage,
  type ReconstructionGridOptions,
} from './figure/reconstruction-grid';
export { autoEncoderDiagram, type AutoEncoderDiagramOptions } from './diagram/auto-encoder-diagram';
export {
  methodDiagram,
  type MethodDiagramOptions,
  type PyramidLevel,
} from './diagram/method-diagram';
export {
  pipelineDiagram,
  type PipelineDiagramOptions,
  type PipelineStep,
} from './diagram/pipeline-diagram';
export { surfaceFigure, type SurfaceFigureOptions } from './figure/surface-figure';
export { contactSheet, type ContactSheetOptions, type SheetImage } from './figure/contact-sheet';
export { imageGrid, type CaptionedImage, type ImageGridOptions } from './figure/image-grid';
export { Chart } from './charts/chart';
export { lossCurve, type LossCurveOptions, type LossHistory } from './charts/loss-curve';
export {
  epochPanels,
  type EpochPanel,
  type EpochPanelsOptions,
  type EpochSeries,
} from './charts/epoch-panels';
export { pointCloud, type PointCloudOptions, type PointSeries } from './charts/point-cloud';
export { scoreStrip, type ScoreRow, type ScoreStripOptions } from './charts/score-strip';
export { scoreHistogram, type ScoreHistogramOptions } from './charts/score-histogram';
export { alphaSweep, type AlphaSweepOptions, type SweepRun } from './charts/alpha-sweep';
export { resultsChart, type ResultsChartOptions, type ResultsRow } from './charts/results-chart';
export { rocChart, type RocChartOptions, type RocSeries } from './charts/roc-chart';
export { proChart, type ProChartOptions, type ProSeries } from './charts/pro-chart';
export { mapView, type MapViewOptions, type ViewedMaps } from './plotly/map-view';
export { surfaceView, type SurfaceViewOptions } from './plotly/surface-view';
export { PlotlyView, type PlotlySpec } from './plotly/plotly-view';
export { Table, type Cell, type TableColumn, type TableOptions } from './tables/table';
export {
  contrastComparisonTable,
  contrastTable,
  type ContrastedImage,
} from './tables/contrast-table';
export { shapeTable, type ShapeStep } from './tables/shape-table';
export { methodsTable, type MeasuredMethod } from './tables/methods-table';
export { sweepProgressTable, type PlanToShow, type StatusToShow } from './tables/sweep-progress';
export { metricsTable, type LevelMetrics, type RunMetrics } from './tables/metrics-table';
export {
  thresholdSlider,
  type JudgedImage,
  type ThresholdSliderOptions,
  type ThresholdState,
} from './widgets/threshold-slider';
export {
  mapInspector,
  type InspectedMaps,
  type MapInspectorOptions,
  type MapInspectorState,
  type PixelPlace,
} from './widgets/map-inspector';
export {
  trainingPanel,
  type TrainingHooks,
  type TrainingOutcome,
  type TrainingPanelOptions,
} from './widgets/training-panel';
export type { ThresholdScale } from './widgets/threshold';
export {
  widget,
  type InPage,
  type PageElement,
  type PageModel,
  type Render,
  type Widget,
  type WidgetOptions,
  type WidgetState,
} from './widgets/widget';
export { cellSignal } from './notebook/cell-signal';
export { clearOutput, type ClearOutputOptions } from './notebook/clear-output';
export { display } from './notebook/display';
export { liveDisplay, type LiveDisplay, type LiveDisplayOptions } from './notebook/live-display';
export {
  trainingProgress,
  TrainingProgress,
  type TrainingProgressOptions,
} from './notebook/training-progress';
export { progressLine, type TrainingState } from './notebook/progress-line';
export {
  DISPLAY_METADATA,
  JUPYTER_DISPLAY,
  type Displayable,
  type MimeBundle,
  type MimeMetadata,
} from './display/mime-bundle';
