/** Networks that are taken as they are. */
export const FROZEN = '#dfe9f3';
/** What learning makes. */
export const TRAINED = '#fdeedd';
/** Images, maps and numbers. */
export const PLAIN = '#f4f4f4';
