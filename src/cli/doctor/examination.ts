import { isPackaged } from '../../lib/files/optional-package';
import type { FindingGroup } from './finding';
import { inspectData, inspectWeights } from './inspect-inputs';
import { inspectMachine } from './inspect-machine';
import {
  inspectEngine,
  inspectNotebooks,
  inspectPictures,
  inspectPrograms,
} from './inspect-software';

/** All that the lab depends on. */
export async function examine({
  data,
  weights,
}: {
  data?: string;
  weights?: string;
}): Promise<FindingGroup[]> {
  const engine = inspectEngine();
  const engineWorks = engine.every(({ state }) => state === 'ok');
  return [
    {
      title: 'Software',
      findings: [...inspectPrograms(), ...engine, ...(await inspectPictures())],
    },
    // The npm package has none.
    ...(isPackaged() ? [] : [{ title: 'Notebooks', findings: inspectNotebooks() }]),
    { title: 'Machine', findings: inspectMachine() },
    { title: 'Inputs', findings: [inspectData(data), await inspectWeights(weights, engineWorks)] },
  ];
}
