/**
 * The variables that must stand in the environment before a process of the lab starts, because the
 * C library reads them then; TensorFlow's own are set by src/lib/engine as it loads. They are
 * listed here alone: the kernelspec, the command `stfpm` and the benchmarks all take them from here.
 *
 * @type {Record<string, string>}
 */
const runtimeEnvironment = {};

/**
 * Sets the variables that the user has not set.
 *
 * @param {NodeJS.ProcessEnv} env changed in place
 * @returns {boolean} whether any was set: then a process has to be started with them
 */
function completeEnvironment(env, wanted = runtimeEnvironment) {
  const unset = Object.keys(wanted).filter((name) => env[name] === undefined);
  for (const name of unset) env[name] = wanted[name];
  return unset.length > 0;
}

module.exports = { runtimeEnvironment, completeEnvironment };
