// Jupyter's `debug_request`, with bodies as the Debug Adapter Protocol has them: what the panel of variables asks, which in
// JupyterLab is a part of the debugger, and there as soon as that has been switched on. The kernel stops nowhere: of the
// breakpoints that are asked for none is set, so that none is shown.

import { createHash } from 'node:crypto';

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

let isStarted = false;

/** The variables are shown as those of one thread. */
const threads = [{ id: 1, name: 'cells' }];

/** @type {Record<string, (given: Record<string, any>, variables: Variables) => unknown>} */
const answers = {
  initialize: () => ({
    supportsConfigurationDoneRequest: true,
    supportsModulesRequest: false,
    exceptionBreakpointFilters: [],
  }),
  attach: () => {
    isStarted = true;
    return {};
  },
  configurationDone: () => ({}),
  disconnect: () => {
    isStarted = false;
    return {};
  },
  dumpCell: ({ code }) => ({
    sourcePath: `cell-${createHash('sha256').update(String(code)).digest('hex').slice(0, 16)}.ts`,
  }),
  setBreakpoints: () => ({ breakpoints: [] }),
  setExceptionBreakpoints: () => ({ breakpoints: [] }),
  threads: () => ({ threads }),
  stackTrace: () => ({ stackFrames: [], totalFrames: 0 }),
  modules: () => ({ modules: [], totalModules: 0 }),
  debugInfo: () => ({
    isStarted,
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
