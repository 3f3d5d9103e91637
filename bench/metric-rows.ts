import type { InputFiles } from './lab/inputs';
import type { Contestant, Row, Sizes } from './row';

/** Side of the anomaly maps whose pixels are ranked. */
export const MAP_SIDE = 256;

function millions({ scoredImages }: Sizes): string {
  return ((scoredImages * MAP_SIDE ** 2) / 1e6).toFixed(1);
}

function metricRow(
  row: Pick<Row, 'id' | 'title' | 'note' | 'tolerance'>,
  workload: 'auroc' | 'aupro',
  peer: Pick<Contestant, 'name' | 'program'>,
  files: { scores: string; labels: string },
): Row {
  const options = { ...files, width: MAP_SIDE, height: MAP_SIDE };
  return {
    ...row,
    ours: { name: 'lab', program: 'lab', workload, options },
    theirs: [{ ...peer, workload, options }],
    repeats: 1,
    shareOfSgemm: false,
  };
}

/** Metrics from scores that lie in memory, sorting included. */
export function metricRows(files: InputFiles, sizes: Sizes): Row[] {
  const { scores, tiedScores, labels } = files;
  const pixels = `${millions(sizes)} million float32 scores`;
  const sklearn = { name: 'scikit-learn', program: 'sklearn' } as const;
  const anomalib = { name: 'anomalib', program: 'anomalib' } as const;
  const inMemory = 'Scores and labels lie in memory; sorting included.';
  const singlePrecision = 'anomalib adds up in single precision, the lab in double.';
  const exact = { note: `${inMemory} One core on both sides.`, tolerance: 1e-12 };
  return [
    metricRow({ id: 'auroc', title: `Exact pixel AUROC, ${pixels}`, ...exact }, 'auroc', sklearn, {
      scores,
      labels,
    }),
    metricRow(
      { id: 'auroc-ties', title: `Exact pixel AUROC, ${pixels} in steps of 1/1000`, ...exact },
      'auroc',
      sklearn,
      { scores: tiedScores, labels },
    ),
    metricRow(
      {
        id: 'auroc-anomalib',
        title: `Pixel AUROC, ${pixels}; anomalib’s (torchmetrics’)`,
        note: `${inMemory} ${singlePrecision}`,
        tolerance: 1e-6,
      },
      'auroc',
      anomalib,
      { scores, labels },
    ),
    metricRow(
      {
        id: 'aupro',
        title: `AU-PRO up to a false-positive rate of 0.3, ${pixels}`,
        note:
          'Maps and masks lie in memory; finding the defect regions and sorting included. Both take every distinct ' +
          `score as a threshold. ${singlePrecision}`,
        tolerance: 1e-6,
      },
      'aupro',
      anomalib,
      { scores, labels },
    ),
  ];
}
