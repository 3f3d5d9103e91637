import fs from 'node:fs';
import { withLock } from '../../src/lib/files/process-lock.js';
import { build, describeErrors } from '../build/build.mjs';
import { buildState } from '../build/state.mjs';
import { buildEngine, engineDue } from '../steps/engine.mjs';
import { kernelspecDue, registerKernel } from '../steps/kernelspec.mjs';
import { installNodePackages, nodePackagesDue } from '../steps/node-packages.mjs';
import { findPrerequisites } from '../steps/prerequisites.mjs';
import { proofDue, proveEngine } from '../steps/proof.mjs';
import {
  installedVariant,
  installPythonPackages,
  pythonPackagesDue,
} from '../steps/python-packages.mjs';
import { SetupFailure } from './failure.mjs';
import { cacheDir, fromRoot, lockFile, logFile, root } from './paths.mjs';
import { say, showStep, since } from './progress.mjs';

/** @typedef {import('../steps/python-packages.mjs').Variant} Variant */

/**
 * Makes the checkout a working lab, or finds that it is one already. Every step that is done and
 * still right is left alone, so that a set-up that was interrupted goes on where it stopped.
 *
 * @param {{ variant?: Variant }} options which TensorFlow; by default the one that is installed,
 *   or the CPU's
 * @returns {Promise<boolean>} whether there was anything to do
 * @throws {import('./failure.mjs').SetupFailure}
 */
export async function setUp(options = {}) {
  const variant = options.variant ?? installedVariant() ?? 'cpu';
  if (!isDue(variant)) return false;
  await withLock(
    lockFile,
    () => runSteps(variant),
    (owner) =>
      say(
        `Another set-up (process ${owner}) is at work: waiting for it. If that process is about ` +
          `something else, delete ${fromRoot(lockFile)}.`,
      ),
  );
  return true;
}

/** @param {Variant} variant */
function isDue(variant) {
  return isInstallationDue(variant) || buildState(root).status !== 'current';
}

/** @param {Variant} variant */
function isInstallationDue(variant) {
  return (
    nodePackagesDue() !== null ||
    pythonPackagesDue(variant) !== null ||
    engineDue() !== null ||
    kernelspecDue() !== null ||
    proofDue(variant) !== null
  );
}

/** @param {Variant} variant */
async function runSteps(variant) {
  if (!isDue(variant)) return; // another set-up did it while this one waited
  if (isInstallationDue(variant)) await install(variant);
  else await showBuild();
}

/** @throws {SetupFailure} with the compiler's messages, where there are any */
async function showBuild() {
  const state = buildState(root);
  if (state.status === 'current') return;
  const work = async () => {
    const errors = await build(root);
    if (errors.length > 0) throw new SetupFailure(describeErrors(errors));
  };
  if (state.status === 'due') await showStep('build', state.reason, work);
  else await work();
}

/** @param {Variant} variant */
async function install(variant) {
  const started = performance.now();
  fs.mkdirSync(cacheDir, { recursive: true });
  fs.writeFileSync(logFile, '');
  say(`Setting up the lab; details go to ${fromRoot(logFile)}`);

  const nodeReason = nodePackagesDue();
  const pythonReason = pythonPackagesDue(variant);
  const needsTools = nodeReason !== null || pythonReason !== null || engineDue() !== null;
  const tools = needsTools ? await showPrerequisites(variant, pythonReason !== null) : null;
  if (nodeReason !== null) {
    await showStep('Node packages', nodeReason, () => installNodePackages(nodeReason));
  }
  await showBuild();
  if (tools !== null && pythonReason !== null) {
    const size = variant === 'gpu' ? ' (about 4 GB to download)' : '';
    await showStep('Python packages', pythonReason + size, () =>
      installPythonPackages(variant, tools.python),
    );
  }
  const engineReason = engineDue();
  if (tools !== null && engineReason !== null) {
    await showStep('engine', engineReason, () => buildEngine(tools.compiler));
  }
  const kernelReason = kernelspecDue();
  if (kernelReason !== null) await showStep('notebook kernel', kernelReason, registerKernel);
  const proofReason = proofDue(variant);
  if (proofReason !== null) {
    await showStep('proof', 'running one operation', async () => {
      const { tensorflow, gpu } = await proveEngine(variant);
      if (gpu !== null) return `TensorFlow ${tensorflow} on the GPU ${gpu}`;
      return `TensorFlow ${tensorflow} on the CPU${variant === 'gpu' ? `; ${noGpu}` : ''}`;
    });
  }
  say(`The lab is ready after ${since(started)}.`);
}

/**
 * @param {Variant} variant
 * @param {boolean} needsDisk
 */
async function showPrerequisites(variant, needsDisk) {
  const tools = findPrerequisites({ variant, needsDisk });
  const { python, pythonVersion, compiler } = tools;
  const found = `Node ${process.version.slice(1)}, Python ${pythonVersion} (${python}), ${compiler}`;
  await showStep('prerequisites', found, async () => {});
  return tools;
}

const noGpu =
  'no usable NVIDIA GPU was found (does nvidia-smi show one?), so the lab computes on the CPU';
