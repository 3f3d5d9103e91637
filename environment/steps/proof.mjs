// The set-up's last step: a process of its own loads the engine and runs one operation.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { cacheDir, root } from '../setup/paths.mjs';
import { runLogged } from '../setup/run-logged.mjs';
import { changedSince, hashFiles, readStamp, writeStamp } from '../setup/stamp.mjs';
import { engineStamp } from './engine.mjs';

const stampFile = path.join(cacheDir, 'proof.json');
const script = path.join(root, 'environment', 'steps', 'proof-operation.cjs');

/**
 * @param {import('./python-packages.mjs').Variant} variant
 * @returns {string | null} why the step has to run
 */
export function proofDue(variant) {
  const changed = changedSince(readStamp(stampFile), wantedStamp(variant));
  return changed.length > 0 ? 'not proven as it is now' : null;
}

/**
 * @param {import('./python-packages.mjs').Variant} variant
 * @returns {Promise<{ tensorflow: string, gpu: string | null }>} TensorFlow's version, and the GPU
 *   that it computes on, if it does
 */
export async function proveEngine(variant) {
  const stdout = await runLogged(process.execPath, [script], {
    what: 'the operation that proves the engine',
    env: { TF_CPP_MIN_LOG_LEVEL: variant === 'gpu' ? '1' : '3' },
  });
  writeStamp(stampFile, wantedStamp(variant));
  const { tensorflow, gpu } = JSON.parse(stdout);
  return { tensorflow, gpu: gpu ? gpuName() : null };
}

function gpuName() {
  const query = ['--query-gpu=name', '--format=csv,noheader'];
  const run = spawnSync('nvidia-smi', query, { encoding: 'utf8' });
  return run.stdout?.split('\n')[0] || 'unnamed';
}

/** @param {import('./python-packages.mjs').Variant} variant */
function wantedStamp(variant) {
  return { ...engineStamp(), variant, node: process.version, script: hashFiles(script) };
}
