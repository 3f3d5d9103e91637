// Where the kernel lets a debugger stop it: of its files this is the only one in which that does not go on by itself. A
// `debugger` statement is the quickest way to be heard, and free where nobody listens.

/** Called before a cell runs: the debugger sets its breakpoints in what has been compiled. */
export function announceScripts() {
  debugger;
}

/** Called after a cell has run: a step beyond its end would slow down all that the kernel does until the next. */
export function endSteps() {
  debugger;
}

/** Called in a round of a loop when a pause was asked for, which the inspector alone does not bring about in fast loops. */
export function pauseHere() {
  debugger;
}
