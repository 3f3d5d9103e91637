import assert from 'node:assert/strict';
import { pipelineDiagram } from '../../../src/viz/diagram/pipeline-diagram';
import { assertSvgSnapshot } from '../snapshot';

describe('pipelineDiagram', () => {
  const learning = [
    { label: 'good images' },
    { label: 'backbone\nlevel 3', kind: 'frozen' },
    { label: 'memory', kind: 'learnt' },
  ] as const;
  const judging = [...learning.slice(0, 2), { label: 'distance to the nearest entry' }];

  it('draws learning above judging, and what is kept above the step that uses it', async () => {
    const figure = await pipelineDiagram({ name: 'Memory', learning, judging });
    assertSvgSnapshot('pipeline', await figure.toSvg());
    assert.equal(
      figure.alt,
      'Memory. Learning: good images, backbone level 3, memory. ' +
        'Judging: good images, backbone level 3, distance to the nearest entry.',
    );
  });

  it('refuses a model that no step uses', () => {
    assert.throws(
      () => pipelineDiagram({ name: 'Memory', learning, judging: judging.slice(0, 2) }),
      /below the last of 3 of learning, found 2 steps/,
    );
  });
});
