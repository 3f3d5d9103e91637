/** What is trained when nothing else is asked for. */
export const DEFAULT_CATEGORY = 'bottle';
