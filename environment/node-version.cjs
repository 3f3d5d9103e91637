// Read by versions of Node that the lab does not run on, to say so: only syntax that they know.
var minimum = [20, 9];

/**
 * @param {string} version such as `v18.20.4`
 * @returns {string | null} what to tell the user, null where the version will do
 */
function nodeVersionProblem(version) {
  var found = version.replace('v', '').split('.').map(Number);
  var fits = found[0] > minimum[0] || (found[0] === minimum[0] && found[1] >= minimum[1]);
  if (fits) return null;
  return (
    'The lab needs Node.js ' +
    minimum.join('.') +
    ' or later, and this is ' +
    version +
    '.\n' +
    'Install a current one from nodejs.org or with a version manager (nvm, fnm).'
  );
}

/** Ends the process with a message where its Node is too old. */
function requireNodeVersion() {
  var problem = nodeVersionProblem(process.version);
  if (problem === null) return;
  console.error(problem);
  process.exit(1);
}

module.exports = { nodeVersionProblem: nodeVersionProblem, requireNodeVersion: requireNodeVersion };
