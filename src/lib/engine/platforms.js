// What the training engine is on each kind of machine: every decision that depends on the machine, in one table. Plain
// JavaScript, since the set-up uses it before there is a compiler.

/** @typedef {'cpu' | 'gpu'} Variant a build of TensorFlow */

/**
 * @typedef {object} Platform
 * @property {string} title
 * @property {{ cpu: string, gpu: string | null }} wheels TensorFlow's packages on PyPI, null where there is none. With
 *   the addon's headers and libraries in them.
 * @property {{ cc: string, framework: string }} libraries TensorFlow's, by their names in the wheel
 * @property {{ link: string[], quiet: string[], beside: string }} addon what the compiler needs to make one, and to make
 *   the one that loads TensorFlow quietly; how the linker calls the folder that the addon itself lies in
 * @property {{ python: string, venv: string, compiler: string }} install what brings these
 */

const apt = (/** @type {string} */ debian, /** @type {string} */ fedora) =>
  `install ${debian} (apt: Debian, Ubuntu) or ${fedora} (dnf: Fedora, RHEL)`;

const linux = {
  libraries: { cc: 'libtensorflow_cc.so.2', framework: 'libtensorflow_framework.so.2' },
  addon: { link: ['-shared'], quiet: ['-ldl'], beside: '$ORIGIN' },
  install: {
    python: apt('python3 python3-venv', 'python3'),
    venv: apt('python3-venv', 'python3-pip'),
    compiler: apt('g++', 'gcc-c++'),
  },
};

/**
 * By Node's names of system and processor.
 * @type {Readonly<Record<string, Platform>>}
 */
const platforms = {
  'linux-x64': {
    title: 'Linux on x86-64',
    wheels: { cpu: 'tensorflow-cpu', gpu: 'tensorflow' },
    ...linux,
  },
  'linux-arm64': {
    title: 'Linux on arm64',
    wheels: { cpu: 'tensorflow', gpu: null },
    ...linux,
  },
  'darwin-arm64': {
    title: 'macOS on Apple silicon',
    wheels: { cpu: 'tensorflow', gpu: null },
    libraries: { cc: 'libtensorflow_cc.2.dylib', framework: 'libtensorflow_framework.2.dylib' },
    // Node's own functions are found when Node loads the addon.
    addon: { link: ['-bundle', '-undefined', 'dynamic_lookup'], quiet: [], beside: '@loader_path' },
    install: {
      python: 'brew install python@3.13 (from brew.sh)',
      venv: 'brew install python@3.13 (from brew.sh)',
      compiler: 'xcode-select --install',
    },
  },
};

/**
 * @param {{ platform: string, arch: string }} [machine] default: this one
 * @returns {Platform | null} null where the engine cannot be made
 */
function platformOf({ platform, arch } = process) {
  return platforms[`${platform}-${arch}`] ?? null;
}

/**
 * @param {{ platform: string, arch: string }} machine
 * @param {Variant} variant
 * @returns {string | null} why the engine cannot be made there, and what helps; null where it can
 */
function platformProblem({ platform, arch }, variant) {
  const titles = Object.values(platforms).map(({ title }) => title);
  const found = platformOf({ platform, arch });
  if (found === null) {
    const help =
      platform === 'win32'
        ? ': on Windows, set up under WSL2 (wsl --install); a detector that was exported needs no set-up'
        : '';
    return `${titles.slice(0, -1).join(', ')} or ${titles.at(-1)} is needed, this is ${platform} on ${arch}${help}`;
  }
  if (found.wheels[variant] !== null) return null;
  const others = Object.values(platforms).filter(({ wheels }) => wheels[variant] !== null);
  return `TensorFlow for NVIDIA GPUs is there for ${others.map(({ title }) => title).join(', ')} alone, this is ${found.title}: choose --cpu`;
}

module.exports = { platforms, platformOf, platformProblem };
