import type { Displayable } from '../../display/mime-bundle';

/** Makes of a plain object one that shows itself in a notebook; null for objects it does not know. */
export type Displayer = (object: object) => Displayable | null;
