/**
 * Every way into the package: its source, and its source in the browser where it runs there.
 * @type {Record<string, { source: string, browser?: string }>}
 */
export const entries = {
  index: { source: 'src/lib/package.ts', browser: 'src/lib/package.ts' },
  metrics: { source: 'src/lib/metrics/index.ts', browser: 'src/lib/metrics/index.ts' },
  onnx: { source: 'src/lib/onnx/index.ts', browser: 'src/lib/onnx/index.browser.ts' },
  viz: { source: 'src/viz/index.ts', browser: 'src/viz/index.browser.ts' },
  training: { source: 'src/lib/index.ts' },
};
