import { spawnSync } from 'child_process';
import { existsSync } from 'fs';
import * as path from 'path';
import type { Program } from './protocol';
import type { Command } from './subject';

const PEERS = path.join(__dirname, 'peers');
const VENV = path.resolve(__dirname, '..', '.cache', 'bench-peers');
const VENV_PYTHON =
  process.platform === 'win32'
    ? path.join(VENV, 'Scripts', 'python.exe')
    : path.join(VENV, 'bin', 'python');

/** Interpreters of one's own, instead of the environment that setup.mjs makes. */
const OWN = {
  torch: process.env.BENCH_TORCH_PYTHON,
  sklearn: process.env.BENCH_SKLEARN_PYTHON,
  anomalib: process.env.BENCH_ANOMALIB_PYTHON,
  onnx: process.env.BENCH_ONNX_PYTHON,
};

/** How the lab's side is started. */
export function labCommand(worker = 'worker.ts'): Command {
  return {
    executable: process.execPath,
    args: [
      '--require',
      require.resolve('../test/register.cjs'),
      path.join(__dirname, 'lab', worker),
    ],
  };
}

/**
 * How each program is started. Sets the peers up first, unless the user names interpreters that have them.
 *
 * @throws Error when the peers could not be set up
 */
export function findPrograms(): Record<Program, Command> {
  if (!OWN.torch || !OWN.sklearn || !OWN.anomalib || !OWN.onnx) {
    const { status } = spawnSync(process.execPath, [path.join(PEERS, 'setup.mjs')], {
      stdio: ['ignore', 2, 2],
    });
    if (status !== 0) throw new Error('There is nothing to measure against.');
  }
  const peer = (script: string, python: string | undefined): Command => {
    const executable = python ?? VENV_PYTHON;
    if (!existsSync(executable)) {
      throw new Error(`${script}: expected a Python interpreter at ${executable}, found none.`);
    }
    return { executable, args: ['-W', 'ignore', path.join(PEERS, script)] };
  };
  return {
    lab: labCommand(),
    'lab-onnx': labCommand('inference-worker.ts'),
    torch: peer('torch_peer.py', OWN.torch),
    sklearn: peer('sklearn_peer.py', OWN.sklearn),
    anomalib: peer('anomalib_peer.py', OWN.anomalib),
    onnxruntime: peer('onnxruntime_peer.py', OWN.onnx),
    openvino: peer('openvino_peer.py', OWN.onnx),
  };
}
