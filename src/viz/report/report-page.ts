import path from 'node:path';
import { hasMaps } from '../../lib/evaluation/evaluate-detector';
import { loadOptional } from '../../lib/files/optional-package';
import { mistakesInWords, operatingPoint, remarksOn } from '../../lib/evaluation/operating-point';
import type { Mistakes } from '../../lib/evaluation/operating-point';
import type { Chart } from '../charts/chart';
import { colormap } from '../colormap/colormap';
import { colourScale } from '../plotly/plotly-view';
import { reportImages } from './report-images';
import type { JudgedModel } from './report-images';
import { readTextFile } from '../../lib/files/read-file';

/** A run in the report. */
export interface ReportRun extends JudgedModel {
  /** The head of the table: what sets the run apart. */
  recipe: string;
  teacher: string;
  seed: number;
  protocol: string;
  /** For example "100" or "60, model of epoch 57". */
  epochs: string;
  /** Which pictures were used for what, by name; absent where the run does not say. */
  pictures?: readonly UsedPictures[];
}

/** Pictures with one role, such as "train". */
export interface UsedPictures {
  role: string;
  files: readonly string[];
}

export interface ReportOptions {
  /** The data set's name. */
  dataset: string;
  category: string;
  /** In the order of the page. */
  charts: readonly Chart[];
  /** Remarks below the head, such as on an untrained teacher. */
  notes?: readonly string[];
}

/** For the error where it is not there. */
const OWN = 'a part of the lab';

/**
 * Runs on the same test images as one HTML page that needs no other file and loads nothing: settings,
 * metrics, charts, and every test image with its maps.
 *
 * @throws RangeError if the runs were evaluated on different images
 */
export async function reportPage(
  runs: readonly ReportRun[],
  { dataset, category, charts, notes = [] }: ReportOptions,
): Promise<string> {
  const images = await reportImages(runs);
  // What the dialog draws; the pictures that the page shows already are not repeated.
  const data = images.map(({ outline, width, height, judgements }) => ({
    outline,
    width,
    height,
    runs: judgements.map(({ maps }) => maps),
  }));
  // The template engine is loaded where a page is made.
  const { Eta } = require('eta') as typeof import('eta');
  const eta = new Eta({ autoEscape: true });
  return eta.renderString(readTextFile(path.join(__dirname, 'page.eta'), OWN), {
    dataset,
    category,
    notes,
    runs: runs.map((run) => ({
      ...run,
      hasMaps: hasMaps(run.evaluation.detections),
      metrics: metricCells(runs, run),
      ...atThreshold(run),
    })),
    metricTitles: METRICS.map(({ title }) => title),
    good: images.filter(({ label }) => label === 0).length,
    images,
    charts: charts.map((chart, i) => ({
      alt: chart.alt,
      svg: inlineSvg(chart.toSvg(), `chart-${i}-`),
    })),
    style: readTextFile(path.join(__dirname, 'page.css'), OWN),
    script: readTextFile(path.join(__dirname, 'page.js'), OWN),
    plotly: scriptSafe(readTextFile(plotlyFile(), OWN)),
    data: JSON.stringify({ colours: colourScale(colormap('inferno')), images: data }).replace(
      /</g,
      '\\u003c',
    ),
    number: (value: number) => value.toPrecision(3),
  });
}

/** A script's text that cannot end the element that it stands in. */
function scriptSafe(script: string): string {
  return script.replace(/<(\/script|!--)/gi, '\\x3c$1');
}

type Metrics = JudgedModel['evaluation']['metrics'];

const METRICS: readonly { title: string; of: (metrics: Metrics) => number | null }[] = [
  { title: 'Pixel AUROC', of: ({ pixel }) => pixel.auroc },
  { title: 'Image AUROC', of: ({ image }) => image.auroc },
  { title: 'AU-PRO', of: ({ pixel }) => pixel.aupro },
  { title: 'AU-PRO 0.05', of: ({ pixel }) => pixel.aupro05 },
  { title: 'Pixel AP', of: ({ pixel }) => pixel.averagePrecision },
  { title: 'Instance AP', of: ({ pixel }) => pixel.instanceAveragePrecision },
  { title: 'Pixel F1-max', of: ({ pixel }) => pixel.f1Max },
  { title: 'Image F1-max', of: ({ image }) => image.f1Max },
  { title: 'AUPIMO', of: ({ pixel }) => pixel.aupimo },
];

/** What the run's threshold does on the test images, in words, and what has to be said of the run. */
function atThreshold({ evaluation, threshold }: ReportRun) {
  const { results, metrics } = evaluation;
  const point = threshold === null ? null : operatingPoint(results, threshold);
  const inWords = (mistakes: Mistakes | null) => (mistakes ? mistakesInWords(mistakes) : '–');
  return {
    remarks: remarksOn(results, metrics.image.auroc, point),
    operatingPoint: point && {
      falseAlarms: inWords(point.falseAlarms),
      missed: inWords(point.missed),
      kinds: Object.entries(point.missedByDefect).map(([kind, mistakes]) => ({
        kind,
        missed: mistakesInWords(mistakes),
      })),
    },
  };
}

/** A run's numbers, the best of several runs marked as shown, after rounding. */
function metricCells(runs: readonly ReportRun[], run: ReportRun) {
  const text = (value: number | null): string => (value === null ? '–' : value.toFixed(4));
  return METRICS.map(({ title, of }) => {
    const known = runs.flatMap(({ evaluation }) => of(evaluation.metrics) ?? []);
    const value = of(run.evaluation.metrics);
    const isBest = known.length > 1 && text(value) === text(Math.max(...known));
    return { title, text: text(value), isBest };
  });
}

/**
 * An SVG's text for a page with other SVGs: its ids, by which it refers to its own parts, get the
 * prefix, so that no two drawings on a page share one.
 */
export function inlineSvg(svg: string, prefix: string): string {
  return svg
    .replace(/\bid="([^"]+)"/g, `id="${prefix}$1"`)
    .replace(/url\((['"]?)#/g, `url($1#${prefix}`)
    .replace(/\b((?:xlink:)?href)="#/g, `$1="#${prefix}`);
}

function plotlyFile(): string {
  return loadOptional('plotly.js-dist', 'A report', () => require.resolve('plotly.js-dist'));
}
