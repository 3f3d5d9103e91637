#!/usr/bin/env node
/**
 * Makes the Python environment with the libraries that the benchmark measures the lab against:
 * `node bench/peers/setup.mjs`. It goes into .cache/bench-peers, apart from the lab's own environment, and is left
 * alone when it is up to date. PYTHON names the interpreter; default python3.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, '..', '..');
const venv = path.join(root, '.cache', 'bench-peers');
const python =
  process.platform === 'win32'
    ? path.join(venv, 'Scripts', 'python.exe')
    : path.join(venv, 'bin', 'python');
/** Installed one after the other; the second builds on the first. */
const requirements = ['requirements.txt', 'requirements-anomalib.txt'].map((name) =>
  path.join(here, name),
);
const stamp = path.join(venv, 'stamp');
const OLDEST = [3, 11];
const GIGABYTES = process.platform === 'linux' ? 8 : 2;

function fail(message) {
  console.error(`The benchmark's peers were not set up: ${message}`);
  process.exit(1);
}

function run(command, args, what) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' });
  if (error || status !== 0) fail(`${what} ended with ${error?.message ?? `exit code ${status}`}.`);
}

function interpreter() {
  const command = process.env.PYTHON ?? 'python3';
  const question = 'import sys, venv, ensurepip; print(*sys.version_info[:3])';
  const { stdout, stderr, status, error } = spawnSync(command, ['-c', question], {
    encoding: 'utf8',
  });
  if (error)
    fail(`expected Python as "${command}", found ${error.message}. PYTHON names another one.`);
  if (status !== 0) {
    fail(`expected a Python with venv (Debian: python3-venv), found\n${stderr.trim()}`);
  }
  const version = stdout.trim().split(' ').map(Number);
  if (version[0] !== OLDEST[0] || version[1] < OLDEST[1]) {
    fail(
      `expected Python ${OLDEST.join('.')} or later, found ${version.join('.')} ("${command}").`,
    );
  }
  return { command, version: version.join('.') };
}

const { command, version } = interpreter();
const hash = createHash('sha256').update(version);
for (const file of requirements) hash.update(readFileSync(file));
const key = hash.digest('hex');
if (existsSync(stamp) && readFileSync(stamp, 'utf8') === key) process.exit(0);

mkdirSync(path.dirname(venv), { recursive: true });
const { bavail, bsize } = statfsSync(path.dirname(venv));
if (bavail * bsize < GIGABYTES * 1e9) {
  fail(`expected ${GIGABYTES} GB of free disk for ${venv}, found ${(bavail * bsize) / 1e9} GB.`);
}
console.error(
  `Installing PyTorch, scikit-learn, ONNX Runtime, OpenVINO and anomalib for the benchmark into ${venv}`,
);
if (process.platform === 'linux')
  console.error('(a download of about 2.5 GB, most of it CUDA, which stays unused)');
rmSync(venv, { recursive: true, force: true });
run(command, ['-m', 'venv', venv], 'making the environment');
for (const file of requirements) {
  run(
    python,
    [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--disable-pip-version-check',
      '--no-deps',
      '--only-binary',
      ':all:',
    ].concat(['--require-hashes', '--requirement', file]),
    'pip',
  );
}
const proof =
  'import torch, sklearn.metrics, onnxruntime, openvino, PIL.Image; torch.ones(2, 2) @ torch.ones(2, 2)';
run(python, ['-W', 'ignore', '-c', proof], 'loading the libraries');
run(python, ['-W', 'ignore', path.join(here, 'anomalib_source.py')], 'loading anomalib');
writeFileSync(stamp, key);
