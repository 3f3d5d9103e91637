import {
  listMvtecCategories,
  MVTEC_SIZES,
  mvtecIdentity,
  readMvtecCategory,
} from '../../lib/data/mvtec';
import { locateTeacherWeights } from '../../lib/weights/teacher-file';
import { readWeights } from '../../lib/weights/read-weights';
import { requireArrays } from '../../lib/weights/named-arrays';
import { sha256OfFile } from '../../lib/files/sha256';
import { reasonOf } from './finding';
import type { Finding } from './finding';

const GET_DATA =
  'MVTec AD needs its licence accepted: download it from ' +
  'https://www.mvtec.com/company/research/datasets/mvtec-ad and name its folder in MVTEC_AD_ROOT ' +
  'or with --data';

interface CategoryDetails {
  category: string;
  train: number;
  test: number;
  /** Against MVTec AD; null for a category of another name. */
  complete: boolean | null;
  warnings: string[];
}

/** The data set to train on, if one is named. */
export function inspectData(data: string | undefined): Finding {
  const root = data ?? process.env.MVTEC_AD_ROOT;
  if (!root) {
    return {
      what: 'images',
      state: 'absent',
      found: 'no data set is named: synthetic images stand in',
      advice: GET_DATA,
      details: { root: null },
    };
  }
  const from = data ? '--data' : 'MVTEC_AD_ROOT';
  let categories: CategoryDetails[];
  try {
    categories = listMvtecCategories(root).map((category) => {
      const dataset = readMvtecCategory(root, category);
      const { train, test, warnings } = dataset;
      const identity = mvtecIdentity(dataset);
      const complete = identity === null ? null : identity === 'MVTec AD';
      return { category, train: train.length, test: test.length, complete, warnings };
    });
  } catch (error) {
    const reason = reasonOf(error);
    const details = { root, from, error: reason };
    return { what: 'images', state: 'missing', found: reason, advice: GET_DATA, details };
  }
  const lines = categories.map(({ category, train, test, complete, warnings }) => {
    const { train: allTrain, test: allTest } = MVTEC_SIZES[category] ?? { train: 0, test: 0 };
    const counts = `${train} train, ${test} test`;
    const judgement =
      complete === null
        ? ''
        : complete
          ? ' (complete)'
          : ` (part of MVTec AD's ${allTrain} and ${allTest})`;
    return [`${category}: ${counts}${judgement}`, ...warnings.map((text) => `  ${text}`)].join(
      '\n',
    );
  });
  return {
    what: 'images',
    state: 'ok',
    found: [`${root} (${from})`, ...lines].join('\n'),
    details: { root, from, categories },
  };
}

/**
 * The teacher's weights, if there are any: they are read, too.
 *
 * @param canRead whether the engine works, without which nothing can be said of their content
 */
export async function inspectWeights(
  weights: string | undefined,
  canRead: boolean,
): Promise<Finding> {
  const advice = '`stfpm weights` downloads them, or name a file in RESNET18_WEIGHTS';
  try {
    const found = locateTeacherWeights({ file: weights });
    if (!found) {
      return {
        what: 'teacher',
        state: 'absent',
        found: 'no ImageNet weights: the embedded teacher stands in',
        advice,
        details: { file: null },
      };
    }
    if (canRead) {
      const { resnet18Shapes } =
        require('../../lib/models/resnet18') as typeof import('../../lib/models/resnet18');
      requireArrays(found.file, readWeights(found.file), resnet18Shapes());
    }
    const sha256 = await sha256OfFile(found.file);
    const from = {
      option: '--weights',
      environment: 'RESNET18_WEIGHTS',
      cache: 'downloaded',
    }[found.source];
    return {
      what: 'teacher',
      state: 'ok',
      found: `${found.file} (${from})\nSHA-256 ${sha256}`,
      details: { file: found.file, from, sha256 },
    };
  } catch (error) {
    const reason = reasonOf(error);
    return { what: 'teacher', state: 'missing', found: reason, advice, details: { error: reason } };
  }
}
