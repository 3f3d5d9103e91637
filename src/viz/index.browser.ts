/** In a browser, the part of the figures that is pixels and tables: what is drawn by sharp or Vega is Node.js's. */
export { colormap, type ColormapName } from './colormap/colormap';
export { minMaxRange, sharedScale, toUnit } from './scale/scale';
export type { Range, SharedScaleOptions } from './scale/scale';
export { heatMap, type HeatMapOptions, type MapSize } from './image/heat-map';
export { blend, superposition, type BlendOptions } from './image/overlay';
export { outlinePath } from './image/outline';
export { Table, type Cell, type TableColumn, type TableOptions } from './tables/table';
export { metricsTable, type LevelMetrics, type RunMetrics } from './tables/metrics-table';
