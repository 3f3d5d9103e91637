import assert from 'node:assert/strict';
import { temporaryFolder } from '../data/temporary-folder';
import { stfpm } from './run-stfpm';
import { writeTinyDataset } from './tiny-dataset';

interface Findings {
  ready: boolean;
  software: Record<string, { state: string; version?: string; tensorflow?: string }>;
  inputs: {
    images: { state: string; categories?: { category: string; train: number; complete: null }[] };
    teacher: { state: string };
  };
}

describe('stfpm doctor', () => {
  const { path, write } = temporaryFolder();

  it('finds that training is possible without data and weights, and tells how to get them', async () => {
    const { code, stdout } = await stfpm(['doctor']);
    assert.equal(code, 0);
    assert.match(stdout, /^Training is possible\.$/m);
    assert.match(stdout, /mvtec\.com\/company\/research\/datasets\/mvtec-ad/);
    assert.match(stdout, /`stfpm weights` downloads them/);
    assert.match(stdout, new RegExp(`Node\\.js +${process.versions.node}`));
  });

  it('prints nothing but JSON when asked to', async () => {
    const data = await writeTinyDataset(path('data'));
    const { code, stdout } = await stfpm(['doctor', '--json', '--data', data]);
    assert.equal(code, 0);
    const { ready, software, inputs } = JSON.parse(stdout) as Findings;
    assert.equal(ready, true);
    assert.match(software.TensorFlow.tensorflow ?? '', /^\d+\.\d+/);
    assert.equal(inputs.teacher.state, 'absent');
    const [category] = inputs.images.categories ?? [];
    assert.equal(category.category, 'dots');
    assert.equal(category.train, 4);
    assert.equal(category.complete, null);
  });

  it('fails where named data or weights cannot be used', async () => {
    const noData = await stfpm(['doctor'], { MVTEC_AD_ROOT: path('nowhere') });
    assert.equal(noData.code, 1);
    assert.match(noData.stdout, /nowhere: expected an MVTec AD folder.*found no such folder/);
    assert.match(noData.stderr, /error: Training is not possible yet; see: images\./);
    const weights = write('weights.pth', 'no weights');
    const noWeights = await stfpm(['doctor'], { RESNET18_WEIGHTS: weights });
    assert.equal(noWeights.code, 1);
    assert.match(noWeights.stdout, /weights\.pth: expected network weights/);
  });
});

describe('stfpm weights', () => {
  const { path } = temporaryFolder();

  it('says in one line that the network fails, and how to do without', async () => {
    const { code, stdout, stderr } = await stfpm(['weights'], {
      XDG_CACHE_HOME: path('cache'),
      // The discard port, where nothing listens.
      RESNET18_WEIGHTS_URL: 'http://127.0.0.1:9/',
    });
    assert.equal(code, 1);
    assert.equal(stdout, '');
    assert.match(
      stderr,
      /^error: cannot download http:\/\/127\.0\.0\.1:9\/resnet18-.*RESNET18_WEIGHTS/,
    );
    assert.doesNotMatch(stderr, /\n {4}at /);
  });
});
