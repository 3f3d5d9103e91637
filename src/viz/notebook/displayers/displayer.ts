import type { Displayable } from '../mime-bundle';

/** Makes of a plain object one that shows itself in a notebook; null for objects it does not know. */
export type Displayer = (object: object) => Displayable | null;

/** Where the kernel looks for displayers: a list of this name on the global object. */
export const DISPLAYERS = Symbol.for('stfpm.displayers');
