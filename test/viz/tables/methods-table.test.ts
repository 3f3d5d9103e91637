import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import type { EvaluationMetrics } from '../../../src/lib/evaluation/evaluate-maps';
import { RunFolder } from '../../../src/lib/training/run-folder';
import { methodsTable } from '../../../src/viz/tables/methods-table';
import { temporaryFolder } from '../../data/temporary-folder';

describe('methodsTable', () => {
  const { path: inFolder } = temporaryFolder();

  function measured(name: string, pixelAp: number | null, seconds: number) {
    const run = new RunFolder(inFolder(name));
    run.writeJson('summary.json', { seconds });
    writeFileSync(run.file('model.safetensors'), Buffer.alloc(1_230_000));
    const image = { auroc: 0.9, f1Max: 0.8 };
    const pixel = {
      auroc: pixelAp,
      averagePrecision: pixelAp,
      instanceAveragePrecision: null,
      aupro: null,
    };
    const metrics = { image, pixel } as unknown as EvaluationMetrics;
    return { name, run, evaluation: { metrics, secondsPerImage: 0.0123 } };
  }

  it('says what methods find and what they cost, and nothing of maps that there are not', () => {
    const table = methodsTable([measured('memory', 0.7, 3), measured('embeddings', null, 2)]);
    const [memory, embeddings] = table.toText().split('\n').slice(2, 4);
    assert.match(
      memory,
      /^memory +0\.9000 +0\.8000 +0\.7000 +0\.7000 +n\/a +n\/a +12 +3\.0 +1\.23$/,
    );
    assert.match(embeddings, /^embeddings +0\.9000 +0\.8000( +n\/a){4} +12 +2\.0 +1\.23$/);
    assert.match(table.toMarkdown(), /\| embeddings \|.*\| \*\*2\.0\*\* \|/);
  });
});
