// Jupyter's `debug_request`, with bodies as the Debug Adapter Protocol has them: what the panel of variables asks.

/** @typedef {import('./variables.mjs').Variables} Variables */

/**
 * @param {{ seq?: number, command?: string, arguments?: Record<string, any> }} request
 * @param {Variables} variables
 * @returns {Promise<Record<string, unknown>>} the content of a debug_reply
 */
export async function answerDebugRequest({ seq = 0, command = '', arguments: given }, variables) {
  const reply = { type: 'response', seq, request_seq: seq, command };
  try {
    const answer = Object.hasOwn(answers, command) ? answers[command] : undefined;
    if (answer === undefined) throw new Error(`This kernel has no answer to ${command || 'that'}.`);
    const body = await answer(given ?? {}, variables);
    return { ...reply, success: true, body };
  } catch (error) {
    return { ...reply, success: false, message: /** @type {Error} */ (error).message, body: {} };
  }
}

/** @type {Record<string, (given: Record<string, any>, variables: Variables) => unknown>} */
const answers = {
  debugInfo: () => ({
    isStarted: false,
    hashMethod: 'Murmur2',
    hashSeed: 0,
    tmpFilePrefix: '',
    tmpFileSuffix: '.ts',
    breakpoints: [],
    stoppedThreads: [],
    richRendering: true,
    exceptionPaths: [],
    copyToGlobals: false,
  }),
  inspectVariables: (_, variables) => ({ variables: variables.list() }),
  variables: ({ variablesReference }, variables) => ({
    variables: variables.members(Number(variablesReference)),
  }),
  richInspectVariables: ({ variableName }, variables) => variables.show(String(variableName)),
};
