// The npm package's set-up: the training engine alone, in the folder that this file has been copied to (see
// build/engine-template.mjs). The steps are the lab's own.
import fs from 'node:fs';
import { withLock } from '../../src/lib/files/process-lock.js';
import { buildEngine, engineDue } from '../steps/engine.mjs';
import { installNodePackages, nodePackagesDue } from '../steps/node-packages.mjs';
import { findPrerequisites } from '../steps/prerequisites.mjs';
import { proofDue, proveEngine } from '../steps/proof.mjs';
import {
  installedVariant,
  installPythonPackages,
  pythonPackagesDue,
} from '../steps/python-packages.mjs';
import { SetupFailure } from './failure.mjs';
import { cacheDir, lockFile, logFile, root } from './paths.mjs';
import { say, showStep, since } from './progress.mjs';
import { stopRunning } from './run-logged.mjs';

/** @typedef {import('../steps/python-packages.mjs').Variant} Variant */

/** @param {Variant} variant */
async function setUpEngine(variant) {
  const started = performance.now();
  const nodeReason = nodePackagesDue();
  const pythonReason = pythonPackagesDue(variant);
  const isDue = nodeReason !== null || pythonReason !== null || engineDue() !== null;
  if (!isDue && proofDue(variant) === null) {
    say('The training engine is ready.');
    return;
  }
  fs.writeFileSync(logFile, '');
  say(`Setting up the training engine in ${root}; details go to ${logFile}`);
  const tools = isDue ? findPrerequisites({ variant, needsDisk: pythonReason !== null }) : null;
  if (nodeReason !== null) {
    await showStep('Node packages', nodeReason, () => installNodePackages(nodeReason));
  }
  if (tools !== null && pythonReason !== null) {
    await showStep('TensorFlow', pythonReason, () => installPythonPackages(variant, tools.python));
  }
  const engineReason = engineDue();
  if (tools !== null && engineReason !== null) {
    await showStep('engine', engineReason, () => buildEngine(tools.compiler));
  }
  if (proofDue(variant) !== null) {
    await showStep('proof', 'running one operation', async () => {
      const { tensorflow, gpu } = await proveEngine(variant);
      return `TensorFlow ${tensorflow} on the ${gpu === null ? 'CPU' : `GPU ${gpu}`}`;
    });
  }
  say(`The training engine is ready after ${since(started)}.`);
}

/** @param {NodeJS.Signals} signal */
function stop(signal) {
  say('\nThe set-up was interrupted; run it again and it goes on from there.');
  void stopRunning().then(() => process.exit(signal === 'SIGINT' ? 130 : 143));
}

process.once('SIGINT', stop).once('SIGTERM', stop);
const chosen = process.argv[2];
const variant = chosen === 'gpu' || chosen === 'cpu' ? chosen : (installedVariant() ?? 'cpu');
try {
  fs.mkdirSync(cacheDir, { recursive: true });
  await withLock(
    lockFile,
    () => setUpEngine(variant),
    (owner) => say(`Another set-up (process ${owner}) is at work: waiting for it.`),
  );
} catch (error) {
  if (!(error instanceof SetupFailure)) throw error;
  say(`\n${error.message}`);
  process.exitCode = 1;
}
